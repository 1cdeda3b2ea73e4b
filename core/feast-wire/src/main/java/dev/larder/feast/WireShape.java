package dev.larder.feast;

import dev.larder.model.ValueType;
import java.util.Arrays;

/** How the case of a {@code Value} with a given field number lies on the wire, looked up by that number. */
final class WireShape {
    /** What one element is: the whole value, or each member of a list or set. */
    enum Element {
        NONE,
        BYTES,
        TEXT,
        INT32,
        INT64,
        TIME,
        DOUBLE,
        FLOAT,
        BOOL,
        NULL,
        MAP,
        SCALAR_MAP,
        ZONED_TIME,
        VALUE
    }

    private static final Element[] ELEMENT = new Element[ValueType.ZONED_TIMESTAMP.number() + 1];
    private static final ValueType[] TYPE = new ValueType[ELEMENT.length];
    private static final ValueType[] MEMBER = new ValueType[ELEMENT.length];

    static {
        Arrays.fill(ELEMENT, Element.NONE);
        Arrays.fill(TYPE, ValueType.INVALID);
        Arrays.fill(MEMBER, ValueType.INVALID);
        for (ValueType type : ValueType.values()) {
            TYPE[type.number()] = type;
            MEMBER[type.number()] = member(type);
            ELEMENT[type.number()] = element(isCollection(type.number()) ? member(type) : type);
        }
    }

    private WireShape() {}

    /** {@code NONE} for a number that is no type. */
    static Element element(int number) {
        return isKnown(number) ? ELEMENT[number] : Element.NONE;
    }

    static ValueType type(int number) {
        return isKnown(number) ? TYPE[number] : ValueType.INVALID;
    }

    static boolean isCollection(int number) {
        return isKnown(number) && MEMBER[number] != ValueType.INVALID;
    }

    /** Type of a collection's members; VALUE_LIST and VALUE_SET hold values of any type and name themselves. */
    static ValueType memberType(int number) {
        return MEMBER[number];
    }

    private static boolean isKnown(int number) {
        return number >= 0 && number < ELEMENT.length;
    }

    private static ValueType member(ValueType type) {
        return switch (type) {
            case BYTES_LIST, BYTES_SET -> ValueType.BYTES;
            case STRING_LIST, STRING_SET -> ValueType.STRING;
            case INT32_LIST, INT32_SET -> ValueType.INT32;
            case INT64_LIST, INT64_SET -> ValueType.INT64;
            case DOUBLE_LIST, DOUBLE_SET -> ValueType.DOUBLE;
            case FLOAT_LIST, FLOAT_SET -> ValueType.FLOAT;
            case BOOL_LIST, BOOL_SET -> ValueType.BOOL;
            case UNIX_TIMESTAMP_LIST, UNIX_TIMESTAMP_SET -> ValueType.UNIX_TIMESTAMP;
            case JSON_LIST -> ValueType.JSON;
            case UUID_LIST, UUID_SET -> ValueType.UUID;
            case TIME_UUID_LIST, TIME_UUID_SET -> ValueType.TIME_UUID;
            case DECIMAL_LIST, DECIMAL_SET -> ValueType.DECIMAL;
            case MAP_LIST -> ValueType.MAP;
            case STRUCT_LIST -> ValueType.STRUCT;
            case VALUE_LIST, VALUE_SET -> type;
            default -> ValueType.INVALID;
        };
    }

    private static Element element(ValueType type) {
        return switch (type) {
            case BYTES -> Element.BYTES;
            case STRING, JSON, UUID, TIME_UUID, DECIMAL -> Element.TEXT;
            case INT32 -> Element.INT32;
            case INT64 -> Element.INT64;
            case UNIX_TIMESTAMP -> Element.TIME;
            case DOUBLE -> Element.DOUBLE;
            case FLOAT -> Element.FLOAT;
            case BOOL -> Element.BOOL;
            case NULL -> Element.NULL;
            case MAP, STRUCT -> Element.MAP;
            case SCALAR_MAP -> Element.SCALAR_MAP;
            case ZONED_TIMESTAMP -> Element.ZONED_TIME;
            case VALUE_LIST, VALUE_SET -> Element.VALUE;
            default -> Element.NONE;
        };
    }
}
