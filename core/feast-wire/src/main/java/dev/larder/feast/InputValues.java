package dev.larder.feast;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import java.io.IOException;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Cells of rows that somebody writes, as values of the declared type. A cell is what a JSON library gives, or a {@link
 * FeatureValue} that may be of another type. Scalars are cast by {@link JsonValues}.
 *
 * <ul>
 *   <li>Null and NaN are null, whatever the type; a NaN within a list stays one.
 *   <li>Lists and sets are arrays; of a set's equal members the first is kept.
 *   <li>MAP and STRUCT are objects, or text of one, as are the members of MAP_LIST and STRUCT_LIST. What is in them is typed by
 *       the JSON alone, as in Feast: whole numbers INT64, others DOUBLE, arrays by their members.
 *   <li>VALUE_LIST and VALUE_SET are arrays of arrays.
 *   <li>JSON is text of JSON, or anything else, which then is written as such text.
 *   <li>SCALAR_MAP is an object whose names are read as whole numbers, true or false, other numbers, or UUIDs.
 *   <li>ZONED_TIMESTAMP is ISO-8601 text, whose zone or offset is kept, or seconds since 1970.
 * </ul>
 */
public final class InputValues {
    /** Readers of protobuf give up on messages within messages, of which a map takes three at each level, beyond 100. */
    private static final int DEEPEST = 30;

    private final boolean nullMembers;

    private InputValues(boolean nullMembers) {
        this.nullMembers = nullMembers;
    }

    /** Refuses a null in a list of anything but floating-point numbers: Feast's lists cannot hold one. */
    public static InputValues strict() {
        return new InputValues(false);
    }

    /** Makes 0, "", false or no bytes of a null in a list, as Feast does. */
    public static InputValues likeFeast() {
        return new InputValues(true);
    }

    /** @throws LarderException {@code VALUE_TYPE_MISMATCH}, naming the value and what is accepted */
    public FeatureValue value(@Nullable Object cell, ValueType declared) {
        if (isNothing(cell)) {
            return FeatureValue.none();
        }
        if (cell instanceof FeatureValue typed) {
            return typed.type() == declared ? typed : value(plain(typed), declared);
        }
        return switch (declared) {
            case INVALID -> inferred(cell, 0);
            case MAP, STRUCT -> dictionary(cell, declared, 0);
            case SCALAR_MAP -> scalarMap(cell);
            case ZONED_TIMESTAMP -> zonedTime(cell);
            case JSON -> json(cell);
            case VALUE_LIST, VALUE_SET -> nested(cell, declared, 0);
            default -> WireShape.isCollection(declared.number()) ? collection(cell, declared) : scalar(cell, declared);
        };
    }

    // ------------------------------------------------------------------ declared types

    private static FeatureValue scalar(@Nullable Object cell, ValueType declared) {
        return JsonValues.parse(cell, declared);
    }

    private FeatureValue collection(@Nullable Object cell, ValueType declared) {
        ValueType member = WireShape.memberType(declared.number());
        boolean maps = member == ValueType.MAP || member == ValueType.STRUCT;
        Object list = maps ? parsed(cell, declared) : cell;
        if (!(list instanceof List<?> elements)) {
            throw mismatch(cell, declared, "an array");
        }
        List<FeatureValue> values = new ArrayList<>(elements.size());
        for (Object element : elements) {
            values.add(element == null ? nullMember(cell, declared, member) : member(element, member));
        }
        return new FeatureValue.Collection(declared, isSet(declared) ? distinct(values) : values);
    }

    private FeatureValue member(Object element, ValueType type) {
        return switch (type) {
            case MAP, STRUCT -> dictionary(element, type, 1);
            case JSON -> json(element);
            default -> scalar(element, type);
        };
    }

    private FeatureValue nullMember(@Nullable Object cell, ValueType declared, ValueType member) {
        if (member == ValueType.DOUBLE) {
            return new FeatureValue.Float64(Double.NaN);
        } else if (member == ValueType.FLOAT) {
            return new FeatureValue.Float32(Float.NaN);
        } else if (member == ValueType.JSON) {
            return new FeatureValue.Text(ValueType.JSON, "null");
        }
        if (nullMembers && (member == ValueType.INT32 || member == ValueType.INT64 || member == ValueType.BOOL)) {
            return scalar(0, member);
        } else if (nullMembers && (member == ValueType.STRING || member == ValueType.BYTES)) {
            return scalar("", member);
        }
        throw mismatch(cell, declared, "an array without null, which Feast's lists cannot hold");
    }

    private FeatureValue dictionary(@Nullable Object cell, ValueType declared, int depth) {
        if (!(parsed(cell, declared) instanceof Map<?, ?> map)) {
            throw mismatch(cell, declared, "an object, or text of one");
        }
        return new FeatureValue.Dictionary(declared, entries(map, depth));
    }

    private Map<String, FeatureValue> entries(Map<?, ?> map, int depth) {
        Map<String, FeatureValue> entries = new LinkedHashMap<>();
        map.forEach((name, value) -> entries.put(String.valueOf(name), inferred(value, depth + 1)));
        return entries;
    }

    private FeatureValue nested(@Nullable Object cell, ValueType declared, int depth) {
        if (!(cell instanceof List<?> elements)) {
            throw mismatch(cell, declared, "an array of arrays");
        }
        List<FeatureValue> values = new ArrayList<>(elements.size());
        for (Object element : elements) {
            if (element != null && !(element instanceof List<?>)) {
                throw mismatch(cell, declared, "an array of arrays");
            }
            values.add(inferred(element, depth + 1));
        }
        return new FeatureValue.Collection(declared, values);
    }

    private static FeatureValue json(@Nullable Object cell) {
        if (!(cell instanceof String text)) {
            return new FeatureValue.Text(ValueType.JSON, JsonText.write(cell));
        }
        try {
            Object unused = JsonText.read(text);
            return new FeatureValue.Text(ValueType.JSON, text);
        } catch (IOException e) {
            throw mismatch(cell, ValueType.JSON, "text of JSON, or an object or array", e);
        }
    }

    private FeatureValue scalarMap(@Nullable Object cell) {
        if (!(parsed(cell, ValueType.SCALAR_MAP) instanceof Map<?, ?> map)) {
            throw mismatch(cell, ValueType.SCALAR_MAP, "an object, or text of one");
        }
        Map<FeatureValue, FeatureValue> entries = new LinkedHashMap<>();
        map.forEach((name, value) -> entries.put(mapKey(String.valueOf(name)), inferred(value, 1)));
        return new FeatureValue.ScalarMap(entries);
    }

    /** JSON has only text for names. */
    private static FeatureValue mapKey(String name) {
        if (name.equals("true") || name.equals("false")) {
            return new FeatureValue.Bool(name.equals("true"));
        }
        try {
            if (JsonText.read(name) instanceof Number number) {
                return scalar(number, isWhole(number) ? ValueType.INT64 : ValueType.DOUBLE);
            }
        } catch (IOException e) {
            // Then it may be a UUID.
        }
        try {
            if (UUID.fromString(name).toString().equalsIgnoreCase(name)) {
                return new FeatureValue.Text(ValueType.UUID, name);
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw mismatch(name, ValueType.SCALAR_MAP, "names that are numbers, true, false or UUIDs");
    }

    private static FeatureValue zonedTime(@Nullable Object cell) {
        if (!(cell instanceof String text)) {
            FeatureValue.UnixTimestamp time = (FeatureValue.UnixTimestamp) scalar(cell, ValueType.UNIX_TIMESTAMP);
            return new FeatureValue.ZonedTimestamp(time.seconds(), "UTC");
        }
        try {
            IsoTime time = IsoTime.parse(text);
            return new FeatureValue.ZonedTimestamp(JsonValues.wholeSeconds(time.instant()), zone(time.zone()));
        } catch (DateTimeException e) {
            throw mismatch(cell, ValueType.ZONED_TIMESTAMP, "ISO-8601 text, or whole seconds since 1970", e);
        }
    }

    /** As Feast names it. */
    private static String zone(@Nullable ZoneId zone) {
        if (zone == null || zone.equals(ZoneOffset.UTC)) {
            return "UTC";
        }
        return zone instanceof ZoneOffset ? "UTC" + zone.getId() : zone.getId();
    }

    // ------------------------------------------------------------------ types that the JSON tells

    private FeatureValue inferred(@Nullable Object cell, int depth) {
        if (depth > DEEPEST) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "A value is nested more than %d levels deep, which Feast's clients cannot read".formatted(DEEPEST));
        }
        if (cell == null) {
            return FeatureValue.none();
        } else if (cell instanceof Boolean bool) {
            return new FeatureValue.Bool(bool);
        } else if (cell instanceof Number number) {
            return scalar(number, isWhole(number) ? ValueType.INT64 : ValueType.DOUBLE);
        } else if (cell instanceof Map<?, ?> map) {
            return new FeatureValue.Dictionary(ValueType.MAP, entries(map, depth));
        } else if (cell instanceof List<?> list) {
            return inferredList(list, depth);
        }
        return FeatureValue.of(cell.toString());
    }

    private FeatureValue inferredList(List<?> elements, int depth) {
        ValueType type = listType(elements);
        ValueType member = WireShape.memberType(type.number());
        List<FeatureValue> values = new ArrayList<>(elements.size());
        for (Object element : elements) {
            values.add(
                    type == ValueType.VALUE_LIST || type == ValueType.MAP_LIST
                            ? inferred(element, depth + 1)
                            : scalar(element, member));
        }
        return new FeatureValue.Collection(type, values);
    }

    /** What all elements have in common; a list of anything at all is a VALUE_LIST. */
    private static ValueType listType(List<?> elements) {
        if (elements.isEmpty()) {
            return ValueType.VALUE_LIST;
        } else if (elements.stream().allMatch(Boolean.class::isInstance)) {
            return ValueType.BOOL_LIST;
        } else if (elements.stream().allMatch(String.class::isInstance)) {
            return ValueType.STRING_LIST;
        } else if (elements.stream().allMatch(Map.class::isInstance)) {
            return ValueType.MAP_LIST;
        } else if (elements.stream().allMatch(Number.class::isInstance)) {
            return elements.stream().allMatch(number -> isWhole((Number) number))
                    ? ValueType.INT64_LIST
                    : ValueType.DOUBLE_LIST;
        }
        return ValueType.VALUE_LIST;
    }

    // ------------------------------------------------------------------ parts

    /** Text is parsed where an object is wanted: so does Feast's client send maps. */
    private static @Nullable Object parsed(@Nullable Object cell, ValueType declared) {
        if (!(cell instanceof String text)) {
            return cell;
        }
        try {
            return JsonText.read(text);
        } catch (IOException e) {
            throw mismatch(cell, declared, "an object, or text of one", e);
        }
    }

    private static boolean isNothing(@Nullable Object cell) {
        return cell == null
                || cell instanceof FeatureValue.Null
                || (cell instanceof Double number && number.isNaN())
                || (cell instanceof Float small && small.isNaN())
                || (cell instanceof FeatureValue.Float64 typed && Double.isNaN(typed.value()))
                || (cell instanceof FeatureValue.Float32 single && Float.isNaN(single.value()));
    }

    private static boolean isWhole(Number number) {
        return number instanceof Integer || number instanceof Long || number instanceof BigInteger;
    }

    private static boolean isSet(ValueType type) {
        return type.displayName().startsWith("Set(");
    }

    private static List<FeatureValue> distinct(List<FeatureValue> values) {
        return List.copyOf(new LinkedHashSet<>(values));
    }

    /** A typed value as JSON would hold it, so that it can be cast to another type. */
    private static @Nullable Object plain(FeatureValue value) {
        if (value instanceof FeatureValue.Text text) {
            return text.value();
        } else if (value instanceof FeatureValue.Collection collection) {
            List<@Nullable Object> members = new ArrayList<>();
            collection.values().forEach(member -> members.add(plain(member)));
            return members;
        } else if (value instanceof FeatureValue.Dictionary dictionary) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            dictionary.entries().forEach((name, entry) -> entries.put(name, plain(entry)));
            return entries;
        } else if (value instanceof FeatureValue.ScalarMap map) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            map.entries().forEach((name, entry) -> entries.put(String.valueOf(plain(name)), plain(entry)));
            return entries;
        } else if (value instanceof FeatureValue.Int64 number) {
            return number.value();
        } else if (value instanceof FeatureValue.Int32 number) {
            return number.value();
        } else if (value instanceof FeatureValue.Float64 number) {
            return number.value();
        } else if (value instanceof FeatureValue.Float32 number) {
            return number.value();
        } else if (value instanceof FeatureValue.Bool bool) {
            return bool.value();
        } else if (value instanceof FeatureValue.Bytes bytes) {
            return Base64.getEncoder().encodeToString(bytes.value());
        } else if (value instanceof FeatureValue.UnixTimestamp time) {
            return time.seconds();
        } else if (value instanceof FeatureValue.ZonedTimestamp time) {
            return Instant.ofEpochSecond(time.seconds()).toString();
        }
        return null;
    }

    private static LarderException mismatch(@Nullable Object input, ValueType type, String accepted) {
        return mismatch(input, type, accepted, null);
    }

    private static LarderException mismatch(
            @Nullable Object input, ValueType type, String accepted, @Nullable Throwable cause) {
        return JsonValues.mismatch(String.valueOf(input), input instanceof String, type, accepted, cause);
    }
}
