package dev.larder.materializer.ingest;

import dev.larder.materializer.lake.SparkTypes;
import dev.larder.model.DataSource;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Columns of the tables {@code changes_} and {@code image_}: where an event came from, then the source's own columns. */
public final class ChangeColumns {
    public static final String PARTITION = "__partition";
    public static final String OFFSET = "__offset";
    /** When Kafka got the event. */
    public static final String KAFKA_TIME = "__kafka_time";
    /** {@code c, u, d}, {@code r} for a row found when the capture began, {@code t} for a truncate, which has no key. */
    public static final String OP = "__op";
    /** Position in the database's log. */
    public static final String LSN = "__lsn";
    /** When the source's transaction was committed. */
    public static final String COMMIT_TIME = "__commit_time";

    public static final String DELETED = "__deleted";
    /** Names of columns that an update left alone and whose value the log does not hold; null almost always. */
    public static final String UNCHANGED = "__unchanged";

    /** How many columns come before the source's own. */
    static final int COUNT = 8;

    private ChangeColumns() {}

    public static StructType schema(DataSource source) {
        StructType schema = new StructType()
                .add(PARTITION, DataTypes.IntegerType)
                .add(OFFSET, DataTypes.LongType)
                .add(KAFKA_TIME, DataTypes.TimestampType)
                .add(OP, DataTypes.StringType)
                .add(LSN, DataTypes.LongType)
                .add(COMMIT_TIME, DataTypes.TimestampType)
                .add(DELETED, DataTypes.BooleanType)
                .add(UNCHANGED, DataTypes.createArrayType(DataTypes.StringType));
        for (DataSource.Column column : source.columns()) {
            schema = schema.add(column.name(), SparkTypes.of(column));
        }
        return schema;
    }
}
