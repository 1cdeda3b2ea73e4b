package dev.larder.materializer.testing;

import dev.larder.model.Aggregation;
import dev.larder.model.Aggregation.Function;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.DataSource.Mode;
import dev.larder.model.Entity;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.model.Window;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Definitions of the banking example and relatives of them. */
public final class Banking {
    public static final DataSource TRANSACTIONS = new DataSource(
            "transactions",
            "public.transactions",
            "banking.public.transactions",
            Mode.FACTS,
            List.of("transaction_id"),
            "time",
            List.of(
                    new Column("transaction_id", ColumnType.INT64, 0),
                    new Column("user_id", ColumnType.INT64, 0),
                    new Column("amount", ColumnType.DECIMAL, 2),
                    new Column("vendor", ColumnType.STRING, 0),
                    new Column("score", ColumnType.DOUBLE, 0),
                    new Column("time", ColumnType.TIMESTAMP, 0)),
            "",
            Map.of(),
            "");

    public static final DataSource CUSTOMERS = customers("day_start");

    private Banking() {}

    /** @param eventTime null: versions are stamped with the time of their commit */
    public static DataSource customers(@Nullable String eventTime) {
        return new DataSource(
                "customers",
                "public.customers",
                "banking.public.customers",
                Mode.STATE,
                List.of("id"),
                eventTime,
                List.of(
                        new Column("id", ColumnType.INT64, 0),
                        new Column("user_id", ColumnType.INT64, 0),
                        new Column("age", ColumnType.INT32, 0),
                        new Column("location", ColumnType.STRING, 0),
                        new Column("balance", ColumnType.DECIMAL, 2),
                        new Column("day_start", ColumnType.DATE, 0)),
                "",
                Map.of(),
                "");
    }

    public static FeatureView aggregated(String name, Duration every, ZoneId zone, Aggregation... aggregations) {
        return view(
                name,
                List.of(aggregations).stream()
                        .map(a -> new Field(a.name(), a.type()))
                        .toList(),
                "transactions",
                new FeatureView.Aggregated(List.of(aggregations), every, zone, Duration.ZERO));
    }

    public static FeatureView weekly() {
        Duration week = Duration.ofDays(7);
        return aggregated(
                "transactions_last_week",
                Duration.ofDays(1),
                ZoneOffset.UTC,
                aggregation("num", Function.COUNT, null, week, ValueType.INT64),
                aggregation("total", Function.SUM, "amount", week, ValueType.FLOAT));
    }

    public static FeatureView demographics(ZoneId zone) {
        return view(
                "customer_demographics",
                List.of(
                        new Field("age", ValueType.INT64),
                        new Field("location", ValueType.STRING),
                        new Field("balance", ValueType.DECIMAL),
                        new Field("since", ValueType.UNIX_TIMESTAMP)),
                "customers",
                new FeatureView.Versions(List.of("age", "location", "balance", "day_start"), zone, Duration.ZERO));
    }

    public static Aggregation aggregation(
            String name, Function function, @Nullable String column, Duration window, ValueType type) {
        return new Aggregation(name, function, column, new Window.Rolling(window), type);
    }

    public static Repository repository(List<DataSource> sources, FeatureView... views) {
        return new Repository(
                "banking",
                List.of(new Entity("user", "user_id", ValueType.INT64, "", Map.of(), "")),
                sources,
                List.of(views),
                List.of());
    }

    private static FeatureView view(
            String name, List<Field> features, String source, FeatureView.Computation computation) {
        return new FeatureView(
                name,
                List.of("user"),
                List.of(new Field("user_id", ValueType.INT64)),
                features,
                Duration.ZERO,
                true,
                source,
                computation,
                "",
                Map.of(),
                "");
    }
}
