package dev.larder.model;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Feast's value types. The number is both {@code ValueType.Enum} and the field number of {@code Value.val}. */
public enum ValueType {
    INVALID(0, "Invalid"),
    BYTES(1, "Bytes"),
    STRING(2, "String"),
    INT32(3, "Int32"),
    INT64(4, "Int64"),
    DOUBLE(5, "Float64"),
    FLOAT(6, "Float32"),
    BOOL(7, "Bool"),
    UNIX_TIMESTAMP(8, "UnixTimestamp"),
    BYTES_LIST(11, "Array(Bytes)"),
    STRING_LIST(12, "Array(String)"),
    INT32_LIST(13, "Array(Int32)"),
    INT64_LIST(14, "Array(Int64)"),
    DOUBLE_LIST(15, "Array(Float64)"),
    FLOAT_LIST(16, "Array(Float32)"),
    BOOL_LIST(17, "Array(Bool)"),
    UNIX_TIMESTAMP_LIST(18, "Array(UnixTimestamp)"),
    NULL(19, "Null"),
    MAP(20, "Map"),
    MAP_LIST(21, "Array(Map)"),
    BYTES_SET(22, "Set(Bytes)"),
    STRING_SET(23, "Set(String)"),
    INT32_SET(24, "Set(Int32)"),
    INT64_SET(25, "Set(Int64)"),
    DOUBLE_SET(26, "Set(Float64)"),
    FLOAT_SET(27, "Set(Float32)"),
    BOOL_SET(28, "Set(Bool)"),
    UNIX_TIMESTAMP_SET(29, "Set(UnixTimestamp)"),
    JSON(32, "Json"),
    JSON_LIST(33, "Array(Json)"),
    STRUCT(34, "Struct"),
    STRUCT_LIST(35, "Array(Struct)"),
    UUID(36, "Uuid"),
    TIME_UUID(37, "TimeUuid"),
    UUID_LIST(38, "Array(Uuid)"),
    TIME_UUID_LIST(39, "Array(TimeUuid)"),
    UUID_SET(40, "Set(Uuid)"),
    TIME_UUID_SET(41, "Set(TimeUuid)"),
    VALUE_LIST(42, "Array(Array)"),
    VALUE_SET(43, "Set(Set)"),
    DECIMAL(44, "Decimal"),
    DECIMAL_LIST(45, "Array(Decimal)"),
    DECIMAL_SET(46, "Set(Decimal)"),
    SCALAR_MAP(47, "ScalarMap"),
    ZONED_TIMESTAMP(48, "ZonedTimestamp");

    private static final Map<Integer, ValueType> BY_NUMBER =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ValueType::number, Function.identity()));
    private static final Map<String, ValueType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ValueType::displayName, Function.identity()));

    private final int number;
    private final String displayName;

    ValueType(int number, String displayName) {
        this.number = number;
        this.displayName = displayName;
    }

    public int number() {
        return number;
    }

    /** The name used in definitions, as in Feast's Python: {@code Int64}, {@code Array(String)}. */
    public String displayName() {
        return displayName;
    }

    public static Optional<ValueType> ofNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }

    public static Optional<ValueType> ofName(String displayName) {
        return Optional.ofNullable(BY_NAME.get(displayName));
    }
}
