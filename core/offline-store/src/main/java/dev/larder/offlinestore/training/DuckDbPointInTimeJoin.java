package dev.larder.offlinestore.training;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.FeatureTable;
import dev.larder.offlinestore.LakeFiles;
import dev.larder.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Point-in-time joins by DuckDB inside this process, over the Parquet files that the tables name. */
public final class DuckDbPointInTimeJoin implements PointInTimeJoin {
    private final DuckDbSettings settings;
    private final LakeFiles files;

    /** @param files where the tables' files are found on this machine */
    public DuckDbPointInTimeJoin(DuckDbSettings settings, LakeFiles files) {
        this.settings = settings;
        this.files = files;
    }

    @Override
    public String engine() {
        try (DuckDb db = DuckDb.open(settings)) {
            return "DuckDB " + db.query("SELECT version()").get(0).get(0);
        } catch (SQLException e) {
            throw new LarderException(ErrorCode.INTERNAL, "DuckDB names no version: " + DuckDb.firstLine(e), e);
        }
    }

    @Override
    public Joined join(TrainingSetRequest request, Map<String, FeatureTable> tables, Path output, Progress progress) {
        FileFormat format = FileFormat.of(output, "Output file");
        List<HistoryJoin> joins = new ArrayList<>();
        List<OutputFeature> features = plan(request, tables, joins);
        try (LakeFiles.Opened lake = files.open();
                DuckDb db = DuckDb.open(settings)) {
            EntityFrame frame = read(db, request, progress);
            List<String> names = outputNames(frame, features, request.fullFeatureNames());
            for (HistoryJoin join : joins) {
                List<Path> paths = join.files(frame, lake, progress);
                try (Progress.Step step = progress.start("join " + join.view(), "rows")) {
                    join.run(db, frame, paths);
                    step.add(frame.rows());
                    step.done("");
                }
            }
            try (Progress.Step step = progress.start("write training set", "rows")) {
                step.add(write(db, frame, joins, features, names, format, output));
                step.done("");
            }
            return new Joined(frame.rows(), names);
        }
    }

    private static EntityFrame read(DuckDb db, TrainingSetRequest request, Progress progress) {
        try (Progress.Step step = progress.start("read " + request.entities().getFileName(), "rows")) {
            EntityFrame frame = EntityFrame.read(db, request.entities(), request.views());
            step.add(frame.rows());
            step.done("");
            return frame;
        }
    }

    /** A feature's place: a column of one of the joins. */
    private record OutputFeature(String name, String reference, String column, String type) {}

    /** Requests for one view under the same keys share one join, whatever their order in the output. */
    private static List<OutputFeature> plan(
            TrainingSetRequest request, Map<String, FeatureTable> tables, List<HistoryJoin> joins) {
        Map<List<Object>, HistoryJoin> byKeys = new LinkedHashMap<>();
        List<OutputFeature> features = new ArrayList<>();
        for (RequestedView view : request.views()) {
            FeatureTable table = tables.get(view.view());
            if (table == null) {
                throw new IllegalArgumentException(
                        "tables: %s (expected: also %s)".formatted(tables.keySet(), view.view()));
            }
            HistoryJoin join = byKeys.computeIfAbsent(
                    List.of(
                            view.view(),
                            view.joinKeys().stream().map(view::columnOf).toList(),
                            view.ttl(),
                            view.availableAfter()),
                    key -> new HistoryJoin(byKeys.size(), view, table));
            for (String feature : view.features()) {
                HistoryJoin.Selected selected = join.select(feature);
                features.add(new OutputFeature(
                        view.outputName(feature, request.fullFeatureNames()),
                        view.view() + ":" + feature,
                        selected.column(),
                        selected.type()));
            }
        }
        joins.addAll(byKeys.values());
        return features;
    }

    /** Parquet readers, DuckDB among them, do not tell names apart by case; so neither may the output. */
    private static List<String> outputNames(EntityFrame frame, List<OutputFeature> features, boolean fullNames) {
        Map<String, String> taken = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        for (EntityFrame.Column column : frame.columns()) {
            taken.put(column.name().toLowerCase(Locale.ROOT), "a column of the entity file");
            names.add(column.name());
        }
        for (OutputFeature feature : features) {
            String other = taken.putIfAbsent(feature.name().toLowerCase(Locale.ROOT), feature.reference());
            if (other != null) {
                throw new LarderException(
                        ErrorCode.FEATURE_NAME_COLLISION,
                        "Feature %s would be named %s in the output, and so is %s. %s"
                                .formatted(
                                        feature.reference(),
                                        feature.name(),
                                        other,
                                        fullNames
                                                ? "Ask for it once, or give the view an alias."
                                                : "Use --full-feature-names, which names it <view>__<feature>."));
            }
            names.add(feature.name());
        }
        return names;
    }

    private static long write(
            DuckDb db,
            EntityFrame frame,
            List<HistoryJoin> joins,
            List<OutputFeature> features,
            List<String> names,
            FileFormat format,
            Path output) {
        List<String> columns = new ArrayList<>(frame.outputColumns(db, format));
        for (OutputFeature feature : features) {
            columns.add(format.column(feature.column(), feature.type()));
        }
        StringBuilder sql = new StringBuilder("SELECT ");
        for (int i = 0; i < columns.size(); i++) {
            sql.append(i == 0 ? "" : ", ").append(columns.get(i)).append(" AS ").append(Sql.identifier(names.get(i)));
        }
        sql.append(" FROM ").append(EntityFrame.TABLE).append(" e");
        for (HistoryJoin join : joins) {
            sql.append(" LEFT JOIN %1$s ON %1$s.row = e.row".formatted(join.table()));
        }
        sql.append(" ORDER BY e.row");

        Path temporary = output.resolveSibling(".%s.%s".formatted(output.getFileName(), UUID.randomUUID()));
        try {
            long rows = db.update(
                    "COPY (%s) TO %s (%s)".formatted(sql, Sql.literal(temporary.toString()), format.copyOptions()));
            if (rows != frame.rows()) {
                throw new LarderException(
                        ErrorCode.INTERNAL,
                        "The join of %d entity rows gave %d rows; nothing was written".formatted(frame.rows(), rows));
            }
            Files.move(temporary, output, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return rows;
        } catch (SQLException e) {
            throw unwritable(output, DuckDb.firstLine(e), e);
        } catch (IOException e) {
            throw unwritable(output, e.toString(), e);
        } finally {
            temporary.toFile().delete();
        }
    }

    private static LarderException unwritable(Path output, String why, Exception cause) {
        return new LarderException(
                ErrorCode.PATH_UNUSABLE,
                "Output file %s cannot be written: %s. Name a file in a folder that exists and is writable."
                        .formatted(output, why),
                cause);
    }
}
