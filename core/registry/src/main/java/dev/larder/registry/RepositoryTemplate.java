package dev.larder.registry;

import dev.larder.model.Aggregation;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.DataSource.Mode;
import dev.larder.model.Entity;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureService.Projection;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.model.Window;
import dev.larder.registry.config.FeatureStoreConfigLoader;
import dev.larder.registry.config.LarderConfig.PostgresConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** A new feature repository for one table, to start from: it passes {@code larder validate} as it is. */
public final class RepositoryTemplate {
    /** Environment variable that the new {@code feature_store.yaml} takes the database's password from. */
    public static final String PASSWORD_VARIABLE = "LARDER_POSTGRES_PASSWORD";

    private static final String SCHEMA = "definitions.schema.json";
    private static final String EDITOR_HINT = "# yaml-language-server: $schema=" + SCHEMA + "\n";
    private static final Duration WEEK = Duration.ofDays(7);
    private static final ZoneId UTC = ZoneId.of("UTC");
    private static final int NUMBERS_IN_EXAMPLE = 3;

    private RepositoryTemplate() {}

    /**
     * Writes the files of a repository.
     *
     * @param folder made if it does not exist
     * @param postgres where the table is; its password is not written, see {@link #PASSWORD_VARIABLE}; empty for the
     *     database that Larder starts by itself
     * @return the files written
     * @throws LarderException {@code ARGUMENT_INVALID} if no features can be made of the table as chosen;
     *     {@code PATH_UNUSABLE} if a file is there already, in which case none is written
     */
    public static List<Path> write(Path folder, String project, SourceTable table, Optional<PostgresConfig> postgres) {
        if (!FeatureStoreConfigLoader.isProjectName(project)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Project '%s' is no usable name (expected: letters, digits and '_', not '_' first)"
                            .formatted(project));
        }
        Map<String, String> files = files(project, table, postgres);
        List<Path> paths = files.keySet().stream().map(folder::resolve).toList();
        List<String> existing =
                paths.stream().filter(Files::exists).map(Path::toString).toList();
        if (!existing.isEmpty()) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Files exist already and are not overwritten: %s. Name another folder, or move them away."
                            .formatted(String.join(", ", existing)));
        }
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, String> file : files.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue(), StandardOpenOption.CREATE_NEW);
            }
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "Cannot write to %s: %s. Check its permissions, or name another folder.".formatted(folder, e),
                    e);
        }
        return paths;
    }

    private static Map<String, String> files(String project, SourceTable table, Optional<PostgresConfig> postgres) {
        Repository repository = repository(project, table);
        Map<String, String> files = new LinkedHashMap<>();
        files.put(FeatureStoreConfigLoader.FILE_NAME, settings(project, postgres));
        DefinitionWriter.write(repository)
                .forEach((name, text) -> files.put(name, EDITOR_HINT + comment(name, table, repository) + text));
        files.put(SCHEMA, schema());
        files.put(".gitignore", "data/\n");
        return files;
    }

    private static Repository repository(String project, SourceTable table) {
        List<Column> columns = columns(table);
        Column key = columns.stream()
                .filter(column -> column.name().equals(table.entityColumn()))
                .findFirst()
                .orElseThrow(() -> unusable(
                        table,
                        "column '%s' does not exist or has a type without a counterpart"
                                .formatted(table.entityColumn()),
                        "one of " + names(columns)));
        List<ValueType> keyTypes = TypeRules.valuesOf(key.type()).stream()
                .filter(TypeRules.ENTITY_TYPES::contains)
                .toList();
        if (keyTypes.isEmpty() || FeatureColumns.RESERVED.contains(key.name().toLowerCase(Locale.ROOT))) {
            throw unusable(
                    table,
                    "column '%s' (%s) cannot be a join key"
                            .formatted(key.name(), key.type().yamlName()),
                    "an integer or text column with a name other than " + String.join(", ", FeatureColumns.RESERVED));
        }
        Entity entity = new Entity(entityName(key.name()), key.name(), keyTypes.get(0), "", Map.of(), "");
        DataSource source = source(project, table, columns);
        FeatureView view = source.mode() == Mode.FACTS ? lastWeek(source, entity) : latest(source, entity);
        FeatureService service = new FeatureService(
                entity.name() + "_features",
                List.of(new Projection(
                        view.name(),
                        null,
                        view.features().stream().map(Field::name).toList(),
                        Map.of())),
                "",
                Map.of(),
                "");
        return new Repository(project, List.of(entity), List.of(source), List.of(view), List.of(service));
    }

    private static DataSource source(String project, SourceTable table, List<Column> columns) {
        String qualified = table.schema() + "." + table.name();
        if (!Identifier.isValid(table.schema()) || !Identifier.isValid(table.name())) {
            throw unusable(table, "its name needs quotes in SQL", "letters, digits and '_', no digit first");
        }
        if (table.primaryKey().isEmpty()) {
            throw unusable(table, "it has no primary key", "a table with one: the change log names rows by it");
        }
        for (String name : table.primaryKey()) {
            require(table, columns, name, "primary key");
        }
        String eventTime = table.eventTime();
        if (eventTime != null) {
            ColumnType type = require(table, columns, eventTime, "event time").type();
            if (type != ColumnType.TIMESTAMP && type != ColumnType.DATE) {
                throw unusable(
                        table,
                        "event time '%s' is %s".formatted(eventTime, type.yamlName()),
                        "a timestamp or date column");
            }
        }
        boolean oneRowPerEntity = table.primaryKey().equals(List.of(table.entityColumn()));
        if (!oneRowPerEntity && eventTime == null) {
            throw unusable(
                    table,
                    "rows are facts about '%s', but there is no event time".formatted(table.entityColumn()),
                    "a column that says when a row happened");
        }
        return new DataSource(
                table.name(),
                qualified,
                project + "." + qualified,
                oneRowPerEntity ? Mode.STATE : Mode.FACTS,
                table.primaryKey(),
                eventTime,
                columns,
                "",
                Map.of(),
                "");
    }

    private static Column require(SourceTable table, List<Column> columns, String name, String role) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> unusable(
                        table,
                        "%s column '%s' does not exist or has a type without a counterpart".formatted(role, name),
                        "one of " + names(columns)));
    }

    private static FeatureView lastWeek(DataSource source, Entity entity) {
        List<Aggregation> aggregations = new ArrayList<>();
        aggregations.add(new Aggregation(
                "num_" + source.name() + "_l1w", Function.COUNT, null, new Window.Rolling(WEEK), ValueType.INT64));
        int numbers = 0;
        for (Column column : valueColumns(source, entity)) {
            if (TypeRules.columnsOf(Function.SUM).contains(column.type())) {
                if (numbers++ < NUMBERS_IN_EXAMPLE) {
                    aggregations.add(weekly("total", Function.SUM, column));
                    aggregations.add(weekly("avg", Function.AVG, column));
                }
            } else if (column.type() == ColumnType.STRING) {
                aggregations.add(weekly("num_distinct", Function.COUNT_DISTINCT, column));
            }
        }
        return view(
                source.name() + "_last_week",
                entity,
                aggregations.stream().map(a -> new Field(a.name(), a.type())).toList(),
                source,
                new Aggregated(aggregations, Duration.ofDays(1), UTC, Duration.ZERO));
    }

    private static Aggregation weekly(String prefix, Function function, Column column) {
        ValueType type = function == Function.COUNT_DISTINCT ? ValueType.INT64 : ValueType.DOUBLE;
        return new Aggregation(
                prefix + "_" + column.name() + "_l1w", function, column.name(), new Window.Rolling(WEEK), type);
    }

    private static FeatureView latest(DataSource source, Entity entity) {
        List<Field> features = new ArrayList<>();
        List<String> columns = new ArrayList<>();
        for (Column column : valueColumns(source, entity)) {
            boolean reserved = FeatureColumns.RESERVED.contains(column.name().toLowerCase(Locale.ROOT));
            features.add(new Field(
                    reserved ? column.name() + "_value" : column.name(),
                    TypeRules.valuesOf(column.type()).get(0)));
            columns.add(column.name());
        }
        if (features.isEmpty()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Table %s: no column is left for a feature (expected: columns beside the key and the event time)"
                            .formatted(source.table()));
        }
        return view(source.name() + "_latest", entity, features, source, new Versions(columns, UTC, Duration.ZERO));
    }

    private static FeatureView view(
            String name, Entity entity, List<Field> features, DataSource source, FeatureView.Computation computation) {
        return new FeatureView(
                name,
                List.of(entity.name()),
                List.of(new Field(entity.joinKey(), entity.valueType())),
                features,
                Duration.ZERO,
                true,
                source.name(),
                computation,
                "",
                Map.of(),
                "");
    }

    private static List<Column> valueColumns(DataSource source, Entity entity) {
        return source.columns().stream()
                .filter(column -> !column.name().equals(entity.joinKey()))
                .filter(column -> !source.primaryKey().contains(column.name()))
                .filter(column -> !column.name().equals(source.eventTime()))
                .toList();
    }

    // ------------------------------------------------------------------ columns

    private static List<Column> columns(SourceTable table) {
        return table.columns().stream()
                .filter(column -> Identifier.isValid(column.name()))
                .toList();
    }

    private static List<String> leftOut(SourceTable table) {
        List<String> leftOut = new ArrayList<>(table.leftOut());
        table.columns().stream()
                .filter(column -> !Identifier.isValid(column.name()))
                .map(column -> column.name() + " (" + column.type().yamlName() + ")")
                .forEach(leftOut::add);
        return leftOut;
    }

    private static String names(List<Column> columns) {
        return String.join(
                ", ", new TreeSet<>(columns.stream().map(Column::name).toList()));
    }

    private static String entityName(String joinKey) {
        String lower = joinKey.toLowerCase(Locale.ROOT);
        return lower.endsWith("_id") && lower.length() > 3 ? joinKey.substring(0, joinKey.length() - 3) : joinKey;
    }

    private static LarderException unusable(SourceTable table, String why, String expected) {
        return new LarderException(
                ErrorCode.ARGUMENT_INVALID,
                "Table %s.%s: %s (expected: %s)".formatted(table.schema(), table.name(), why, expected));
    }

    // ------------------------------------------------------------------ text

    private static String settings(String project, Optional<PostgresConfig> postgres) {
        StringBuilder text = new StringBuilder(
                """
                # The settings of this feature repository. Feast reads the same file; the block `larder:` is ours alone.
                # Relative paths count from this folder. $NAME and ${NAME} are replaced by environment variables.
                project: %s
                provider: local
                registry: data/registry.db
                online_store:
                  type: sqlite
                  path: data/online_store.db
                offline_store:
                  type: dask
                entity_key_serialization_version: 3

                larder:
                  mode: strict
                  data: data    # everything that Larder writes; delete it to start over
                """
                        .formatted(project));
        postgres.ifPresent(config -> text.append(
                """
                  postgres:
                    host: %s
                    port: %d
                    database: %s
                    user: %s
                    password: "${%s}"
                """
                        .formatted(
                                DefinitionWriter.scalar(config.host()),
                                config.port(),
                                DefinitionWriter.scalar(config.database()),
                                DefinitionWriter.scalar(config.user()),
                                PASSWORD_VARIABLE)));
        return text.toString();
    }

    private static String comment(String file, SourceTable table, Repository repository) {
        DataSource source = repository.dataSources().get(0);
        List<String> leftOut = leftOut(table);
        return switch (file) {
            case "entities.yaml" ->
                "# What the features describe. The join key is its name in sources, training rows and requests.\n";
            case "sources.yaml" ->
                "# A table whose changes arrive through Kafka.\n"
                        + (source.mode() == Mode.FACTS
                                ? "# mode: facts   a row is something that happened; corrections and deletes change the features of its time.\n"
                                : "# mode: state   a row says what holds now; every version is kept, a delete ends it.\n")
                        + (leftOut.isEmpty()
                                ? ""
                                : "# Left out, because features cannot be made of them: " + oneLine(leftOut) + "\n");
            case "views.yaml" ->
                source.mode() == Mode.FACTS
                        ? "# An example to change: a row stamped T covers the rows with event time in [T - window, T).\n"
                                + "# Functions: count, sum, avg, min, max, count_distinct. Try it: larder preview "
                                + source.name() + "_last_week --entity KEY\n"
                        : "# An example to change: each version of a row is a row of features.\n";
            default -> "# The features that one model reads, in training and online.\n";
        };
    }

    /** A column's name may hold a line break, which would end the comment. */
    private static String oneLine(List<String> texts) {
        return String.join(", ", texts).replaceAll("\\p{Cntrl}", "?");
    }

    private static String schema() {
        try (InputStream in =
                Objects.requireNonNull(RepositoryTemplate.class.getResourceAsStream(SCHEMA), "schema in the jar")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new LarderException(ErrorCode.INTERNAL, "Cannot read %s from the jar".formatted(SCHEMA), e);
        }
    }
}
