package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.LarderConfig.TrinoConfig;
import dev.larder.trino.OutputFormat;
import dev.larder.trino.SqlStatement;
import dev.larder.trino.Trino;
import dev.larder.trino.TrinoAddress;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "sql",
        mixinStandardHelpOptions = true,
        header = "Ask the lake with SQL, through Trino.",
        description = {
            "A table without a catalog or schema is one of the project's: features_<view>, changes_<source>, image_<source>.",
            "The source database is the catalog 'source'. Both can only be read. Times are UTC. Ctrl-C ends the statement in",
            "Trino too. Where Trino is says larder.trino in feature_store.yaml.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder sql 'SHOW TABLES'",
            "  larder sql 'SELECT * FROM features_transactions_last_week WHERE user_id = 42 ORDER BY event_timestamp'",
            "  larder sql --file trino/queries/top_movers.sql",
            "  larder sql --format csv 'SELECT * FROM source.public.customers' > customers.csv",
            "  larder sql --format json --limit 10 - < question.sql"
        })
final class SqlCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @ArgGroup(exclusive = true, multiplicity = "1")
    private What what = new What();

    @Option(names = "--format", paramLabel = "FORMAT", description = "table, csv or json. Default: table")
    private OutputFormat format = OutputFormat.TABLE;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many rows. Default: all")
    private @Nullable Long limit;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "End the statement after so long. Default: as Trino is set up")
    private @Nullable Long timeout;

    @Option(names = "--catalog", paramLabel = "NAME", description = "Trino's catalog. Default: larder.trino.catalog")
    private @Nullable String catalog;

    @Option(names = "--schema", paramLabel = "NAME", description = "Schema in it. Default: the project")
    private @Nullable String schema;

    /** One way to say what to run. */
    static final class What {
        @Parameters(arity = "0..1", paramLabel = "SQL", description = "One statement; -: read it from standard input.")
        private @Nullable String sql;

        @Option(names = "--file", paramLabel = "FILE", description = "Read the statement from a file.")
        private @Nullable Path file;
    }

    @Override
    public Integer call() {
        requirePositive("--limit", limit);
        requirePositive("--timeout", timeout);
        SqlStatement statement = statement();
        Trino trino = new Trino(address(larder.config()));
        Trino.Limits limits =
                new Trino.Limits(Optional.ofNullable(timeout).map(Duration::ofSeconds), Optional.ofNullable(limit));
        // Ctrl-C; after the last row there is nothing to cancel.
        Runtime.getRuntime().addShutdownHook(new Thread(trino::cancel, "cancel"));
        // Not System.out: it writes in the machine's character set, and is silent about a full disk.
        Writer out = new BufferedWriter(
                new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8));
        try {
            trino.run(statement, limits, format.to(out));
            out.flush();
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot write the rows: " + e.getMessage(), e);
        }
        return 0;
    }

    private static void requirePositive(String option, @Nullable Long value) {
        if (value != null && value < 1) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%s: %d (expected: 1 or more, or leave it out)".formatted(option, value));
        }
    }

    private SqlStatement statement() {
        if (what.file != null) {
            return SqlStatement.of(read(what.file), what.file.toString());
        }
        String sql = String.valueOf(what.sql);
        if (!sql.equals("-")) {
            return SqlStatement.of(sql, "statement");
        }
        try {
            return SqlStatement.of(new String(System.in.readAllBytes(), StandardCharsets.UTF_8), "standard input");
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot read standard input: " + e.getMessage(), e);
        }
    }

    private String read(Path file) {
        // The files of trino/queries are found from any folder.
        Path found = Files.exists(file) ? file : larder.home().root().resolve(file);
        try {
            return Files.readString(found);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "--file: cannot read %s (expected: a file with one statement, for instance trino/queries/top_movers.sql)"
                            .formatted(file),
                    e);
        }
    }

    private TrinoAddress address(FeatureStoreConfig config) {
        TrinoConfig trino = config.larder()
                .trino()
                .orElseThrow(() -> new LarderException(
                        ErrorCode.STEP_MISSING,
                        "No Trino is set up for project %s. Name one in feature_store.yaml: larder: {trino: {url: \"http://HOST:PORT\"}}; docs/trino.md shows how."
                                .formatted(config.project())));
        return TrinoAddress.of(
                trino.url(),
                trino.user(),
                Optional.ofNullable(System.getenv("LARDER_TRINO_PASSWORD")).filter(password -> !password.isEmpty()),
                catalog == null ? trino.catalog() : catalog,
                schema == null ? config.project() : schema);
    }
}
