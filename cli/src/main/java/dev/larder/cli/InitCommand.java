package dev.larder.cli;

import dev.larder.cdc.PostgresSource;
import dev.larder.cdc.source.SourceTableReader;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.RepositoryTemplate;
import dev.larder.registry.SourceTable;
import dev.larder.registry.config.LarderConfig.PostgresConfig;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        header = "Make a new feature repository from a PostgreSQL table.",
        description = {
            "Reads the table's columns and primary key and writes definitions that pass larder validate: an entity, the",
            "source, a first feature view and a service, with comments on what to change. Nothing is overwritten.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder init my_repo --postgres postgresql://me@localhost:5432/shop --table public.orders \\",
            "         --entity customer_id --event-time created_at",
            "  larder -c my_repo validate"
        })
final class InitCommand implements Callable<Integer> {
    private static final int POSTGRES_PORT = 5432;

    @Parameters(paramLabel = "FOLDER", description = "The folder to make; its name becomes the project's name.")
    private Path folder = Path.of("");

    @Option(
            names = "--postgres",
            required = true,
            paramLabel = "URL",
            description =
                    "postgresql://user[:password]@host[:port]/database; the password is read from LARDER_POSTGRES_PASSWORD if it is not given, and never written.")
    private String postgres = "";

    @Option(
            names = "--table",
            required = true,
            paramLabel = "TABLE",
            description = "Table with its schema: public.orders.")
    private String table = "";

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "COLUMN",
            description = "Column that names what features describe.")
    private String entity = "";

    @Option(names = "--event-time", paramLabel = "COLUMN", description = "Column that says when a row happened.")
    private @Nullable String eventTime;

    @Option(names = "--project", paramLabel = "NAME", description = "Name of the project. Default: the folder's name.")
    private @Nullable String project;

    @Override
    public Integer call() throws SQLException {
        PostgresConfig config = parse(postgres);
        SourceTable source = read(config);
        Path target = folder.toAbsolutePath().normalize();
        String name = project == null ? String.valueOf(target.getFileName()) : project;
        List<Path> files = RepositoryTemplate.write(target, name, source, Optional.of(config));
        files.forEach(file -> System.out.println("  wrote " + file));
        System.out.printf("Next: look at views.yaml, then larder -c %s validate%n", folder);
        return 0;
    }

    private SourceTable read(PostgresConfig config) throws SQLException {
        PostgresSource source =
                new PostgresSource(config.host(), config.port(), config.database(), config.user(), config.password());
        try (Connection connection = source.connect()) {
            dev.larder.cdc.source.SourceTable found = SourceTableReader.read(connection, table);
            found.skipped()
                    .forEach(column -> System.out.printf(
                            "  left out: column %s (%s): %s%n", column.name(), column.type(), column.reason()));
            for (String chosen : eventTime == null ? List.of(entity) : List.of(entity, eventTime)) {
                if (found.columns().stream().noneMatch(column -> column.name().equals(chosen))) {
                    throw new LarderException(
                            ErrorCode.ARGUMENT_INVALID,
                            "Table %s has no usable column '%s' (known: %s)"
                                    .formatted(
                                            table,
                                            chosen,
                                            String.join(
                                                    ", ",
                                                    found.columns().stream()
                                                            .map(DataSource.Column::name)
                                                            .toList())));
                }
            }
            return new SourceTable(
                    found.schema(),
                    found.table(),
                    found.columns(),
                    found.skipped().stream()
                            .map(column -> column.name() + " (" + column.type() + ")")
                            .toList(),
                    found.primaryKey(),
                    entity,
                    eventTime);
        }
    }

    private static PostgresConfig parse(String text) {
        URI uri;
        try {
            uri = URI.create(text.startsWith("jdbc:") ? text.substring("jdbc:".length()) : text);
        } catch (IllegalArgumentException e) {
            throw wrong(text, e);
        }
        String path = uri.getPath();
        String user = uri.getUserInfo();
        boolean scheme = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
        if (!scheme || uri.getHost() == null || path == null || path.length() < 2 || user == null) {
            throw wrong(text, null);
        }
        int colon = user.indexOf(':');
        String environment = System.getenv(RepositoryTemplate.PASSWORD_VARIABLE);
        String password = colon >= 0 ? user.substring(colon + 1) : environment == null ? "" : environment;
        return new PostgresConfig(
                uri.getHost(),
                uri.getPort() < 0 ? POSTGRES_PORT : uri.getPort(),
                path.substring(1),
                colon >= 0 ? user.substring(0, colon) : user,
                password);
    }

    private static LarderException wrong(String text, @Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.ARGUMENT_INVALID,
                "--postgres: '%s' (expected: postgresql://user@host:5432/database)"
                        .formatted(text.replaceAll(":[^:/@]*@", ":***@")),
                cause);
    }
}
