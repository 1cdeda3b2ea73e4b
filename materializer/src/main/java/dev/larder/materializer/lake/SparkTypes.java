package dev.larder.materializer.lake;

import dev.larder.model.DataSource.Column;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** How columns of sources and features are kept in the lake. */
public final class SparkTypes {
    private static final int MAX_DIGITS = 38;

    private SparkTypes() {}

    public static DataType of(Column column) {
        return switch (column.type()) {
            case INT32 -> DataTypes.IntegerType;
            case INT64 -> DataTypes.LongType;
            case FLOAT -> DataTypes.FloatType;
            case DOUBLE -> DataTypes.DoubleType;
            case DECIMAL -> DataTypes.createDecimalType(MAX_DIGITS, column.scale());
            case STRING -> DataTypes.StringType;
            case BOOL -> DataTypes.BooleanType;
            case DATE -> DataTypes.DateType;
            case TIMESTAMP -> DataTypes.TimestampType;
        };
    }

    /** @throws LarderException {@code DEFINITION_INVALID} for a type that no computed feature or join key can have */
    public static DataType of(ValueType type) {
        return switch (type) {
            case INT32 -> DataTypes.IntegerType;
            case INT64 -> DataTypes.LongType;
            case FLOAT -> DataTypes.FloatType;
            case DOUBLE -> DataTypes.DoubleType;
            case STRING, DECIMAL -> DataTypes.StringType;
            case BOOL -> DataTypes.BooleanType;
            case BYTES -> DataTypes.BinaryType;
            case UNIX_TIMESTAMP -> DataTypes.TimestampType;
            default ->
                throw new LarderException(
                        ErrorCode.DEFINITION_INVALID,
                        "Type %s cannot be computed (expected: Int32, Int64, Float32, Float64, String, Bool, Bytes, UnixTimestamp or Decimal)"
                                .formatted(type.displayName()));
        };
    }
}
