package dev.larder.cli;

import dev.larder.cdc.sample.BankingGenerator;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        header = "Write the banking example's transactions and customers into PostgreSQL, day by day.",
        description = {
            "The days end today at 00:00 UTC of the first run; that end is kept. Each day also corrects, moves and deletes some",
            "earlier rows, and some customers move house. The same sizes and seed give the same rows; no day is written twice.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder generate",
            "  larder generate --users 5000 --days 56 --seed 7",
            "  larder generate --only-first 1     the tables, the customers and the first day",
            "  larder generate --day 2026-11-21   one more day after the last one"
        })
final class GenerateCommand implements Callable<Integer> {
    static final int ALL_DAYS = Integer.MAX_VALUE;

    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Mixin
    private Size size = new Size();

    @Option(names = "--only-first", paramLabel = "N", description = "Stop after the first N days.")
    private int onlyFirst = ALL_DAYS;

    @Option(names = "--tables-only", description = "Make the tables if they are missing, and write no row.")
    private boolean tablesOnly;

    @Option(names = "--day", paramLabel = "DATE", description = "Append this one day to what was generated before.")
    private @Nullable LocalDate day;

    /** How much to generate. */
    static final class Size {
        @Option(names = "--users", paramLabel = "N", description = "Users with transactions. Default: ${DEFAULT-VALUE}")
        private int users = 1000;

        @Option(names = "--days", paramLabel = "N", description = "Days of transactions. Default: ${DEFAULT-VALUE}")
        private int days = 28;

        @Option(
                names = "--seed",
                paramLabel = "N",
                description = "Seed of everything random. Default: ${DEFAULT-VALUE}")
        private long seed = 42;
    }

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        if (tablesOnly) {
            createTables(config);
        } else if (day != null) {
            LocalDate one = day;
            withPostgres(config, connection -> BankingGenerator.generateDay(connection, one, larder.progress()));
        } else {
            generate(larder, config, size, onlyFirst);
        }
        return 0;
    }

    static void createTables(FeatureStoreConfig config) {
        withPostgres(config, BankingGenerator::createTables);
    }

    static void generate(LarderCommand larder, FeatureStoreConfig config, Size size, int onlyFirst) {
        if (size.users < 1 || size.days < 1 || onlyFirst < 1) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    String.format(
                            Locale.ROOT,
                            "--users %d, --days %d, --only-first %d (expected: each >= 1)",
                            size.users,
                            size.days,
                            onlyFirst));
        }
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        BankingGenerator.Plan plan = new BankingGenerator.Plan(size.users, size.days, size.seed, today);
        withPostgres(config, connection -> {
            BankingGenerator.createTables(connection);
            BankingGenerator.generate(connection, plan, Math.min(onlyFirst, size.days), larder.progress());
        });
    }

    private interface Work {
        void with(Connection connection) throws SQLException;
    }

    private static void withPostgres(FeatureStoreConfig config, Work work) {
        try (Connection connection = new Parts(config).postgres().connect()) {
            work.with(connection);
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.SOURCE_UNAVAILABLE, "PostgreSQL refused the sample data: " + e.getMessage(), e);
        }
    }
}
