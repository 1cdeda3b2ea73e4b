package dev.larder.materializer.compute;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import dev.larder.materializer.ingest.ChangeColumns;
import dev.larder.materializer.ingest.WholeEvents;
import dev.larder.materializer.lake.SparkTypes;
import dev.larder.model.Aggregation;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import dev.larder.model.FeatureView.Versions;
import dev.larder.model.Field;
import dev.larder.offlinestore.LakeLayout;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/** A view's feature rows as they follow from its source: all columns of the feature table but {@code created}. */
final class FeatureRows {
    private static final String TIME = "__time";

    private final FeatureView view;
    private final DataSource source;
    private final LongAccumulator counter;

    FeatureRows(FeatureView view, DataSource source, LongAccumulator counter) {
        this.view = view;
        this.source = source;
        this.counter = counter;
    }

    /** Columns that tell one row of a view from another. */
    static List<String> identity(FeatureView view) {
        List<String> names = new ArrayList<>(view.joinKeys());
        names.add(LakeLayout.EVENT_TIMESTAMP);
        return names;
    }

    /** Columns that make two rows of the same identity equal or different. */
    static List<String> values(FeatureView view) {
        List<String> names =
                new ArrayList<>(view.features().stream().map(Field::name).toList());
        if (view.computation() instanceof Versions) {
            names.add(LakeLayout.IS_DELETED);
        }
        return names;
    }

    /**
     * @param input rows of the source's image for an aggregated view, of its changes for a state view
     * @param entity restricts the rows to one entity; null for all
     */
    Dataset<Row> of(Dataset<Row> input, Interval interval, @Nullable Column entity) {
        if (view.computation() instanceof Aggregated aggregated) {
            return aggregated(input, aggregated, interval, entity);
        } else if (view.computation() instanceof Versions versions) {
            return versions(input, versions, interval, entity);
        }
        throw new IllegalArgumentException("view: '" + view.name() + "' has no computation");
    }

    private Dataset<Row> aggregated(
            Dataset<Row> image, Aggregated computation, Interval interval, @Nullable Column entity) {
        List<Column> columns = new ArrayList<>();
        columns.add(col(TIME));
        columns.addAll(keys());
        for (Aggregation aggregation : computation.aggregations()) {
            columns.add(aggregation.column() == null ? lit(true) : quoted(aggregation.column()));
        }
        Column wanted = not(col(ChangeColumns.DELETED));
        for (String key : view.joinKeys()) {
            wanted = wanted.and(quoted(key).isNotNull());
        }
        List<Column> order = new ArrayList<>(keys());
        order.add(col(TIME));
        return image.where(entity == null ? wanted : wanted.and(entity))
                .withColumn(TIME, eventTime(computation.zone()))
                .where(reach(computation, interval))
                .repartition(keys().toArray(Column[]::new))
                .sortWithinPartitions(order.toArray(Column[]::new))
                .select(positional(columns))
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) new WindowRows(view, computation, interval, counter),
                        Encoders.row(schema()));
    }

    /** The same column may come twice: functions over rows go by position. */
    private static Column[] positional(List<Column> columns) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> columns.get(i).as("c" + i))
                .toArray(Column[]::new);
    }

    /** The events that rows of the interval follow from. */
    private static Column reach(Aggregated computation, Interval interval) {
        StampGrid grid = new StampGrid(computation.every(), computation.zone());
        Column reach = col(TIME).isNotNull().and(col(TIME).lt(lit(interval.toMicros())));
        if (interval.from().isAfter(Interval.BEGINNING)) {
            long stampBefore = grid.lastUpTo(interval.fromMicros());
            reach = reach.and(col(TIME).geq(lit(stampBefore - WindowRows.longestWindow(computation))));
        }
        return reach;
    }

    private Column eventTime(ZoneId zone) {
        String name = source.eventTime();
        if (name == null) {
            return functions.unix_micros(col(ChangeColumns.COMMIT_TIME));
        }
        if (source.column(name).orElseThrow().type() == ColumnType.DATE) {
            return functions.udf(midnight(zone), DataTypes.LongType).apply(quoted(name));
        }
        return functions.unix_micros(quoted(name));
    }

    private static UDF1<@Nullable LocalDate, @Nullable Long> midnight(ZoneId zone) {
        return date -> date == null ? null : (Long) StampGrid.midnight(date, zone);
    }

    private Dataset<Row> versions(
            Dataset<Row> changes, Versions computation, Interval interval, @Nullable Column entity) {
        List<Column> primaryKey =
                source.primaryKey().stream().map(FeatureRows::quoted).toList();
        List<Column> columns = new ArrayList<>(List.of(
                col(ChangeColumns.LSN),
                col(ChangeColumns.OFFSET),
                col(ChangeColumns.PARTITION),
                col(ChangeColumns.DELETED),
                col(ChangeColumns.COMMIT_TIME),
                source.eventTime() == null ? lit(null).cast(DataTypes.TimestampType) : quoted(source.eventTime())));
        columns.addAll(primaryKey);
        columns.addAll(keys());
        computation.columns().forEach(column -> columns.add(quoted(column)));
        Dataset<Row> meanings = WholeEvents.all(changes, source)
                .select(positional(columns))
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) new RowVersions(
                                view, primaryKey.size(), computation.zone(), source.eventTime() != null),
                        Encoders.row(meanings()));
        List<Column> latestFirst = new ArrayList<>(keys());
        latestFirst.addAll(List.of(
                col(ChangeColumns.LSN).desc(),
                col(ChangeColumns.OFFSET).desc(),
                col(ChangeColumns.PARTITION).desc()));
        return (entity == null ? meanings : meanings.where(entity))
                .repartition(keys().toArray(Column[]::new))
                .sortWithinPartitions(latestFirst.toArray(Column[]::new))
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) new EntityStates(view, computation.zone(), interval, counter),
                        Encoders.row(schema()));
    }

    private StructType meanings() {
        StructType schema = new StructType()
                .add(ChangeColumns.LSN, DataTypes.LongType)
                .add(ChangeColumns.OFFSET, DataTypes.LongType)
                .add(ChangeColumns.PARTITION, DataTypes.IntegerType);
        return withRows(schema);
    }

    /** The rows' columns, in the table's order. */
    StructType schema() {
        return withRows(new StructType()).add(LakeLayout.DAY, DataTypes.DateType);
    }

    private StructType withRows(StructType start) {
        StructType schema = start;
        for (Field key : view.entityColumns()) {
            schema = schema.add(key.name(), SparkTypes.of(key.type()));
        }
        schema = schema.add(LakeLayout.EVENT_TIMESTAMP, DataTypes.TimestampType);
        for (Field feature : view.features()) {
            schema = schema.add(feature.name(), SparkTypes.of(feature.type()));
        }
        if (view.computation() instanceof Versions) {
            schema = schema.add(LakeLayout.IS_DELETED, DataTypes.BooleanType);
        }
        return schema;
    }

    private List<Column> keys() {
        return view.joinKeys().stream().map(FeatureRows::quoted).toList();
    }

    /** A name may hold a dot, which alone would mean a field of a struct. */
    static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }
}
