package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureValue;
import dev.larder.model.ValueType;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of Java as values of Feast. Whole numbers are Int64, as most keys and features are. */
final class FromJava {
    private static final String ACCEPTED =
            "null, a number, String, Boolean, byte[], Instant, ZonedDateTime, OffsetDateTime, UUID, a List, array, Set or Map of these, or a FeatureValue";

    private static final Map<ValueType, ValueType> LISTS = collections("_LIST");
    private static final Map<ValueType, ValueType> SETS = collections("_SET");

    private FromJava() {}

    /** @throws FeatureClientException {@code INVALID_REQUEST} */
    static FeatureValue value(@Nullable Object value) {
        if (value == null) {
            return FeatureValue.none();
        } else if (value instanceof FeatureValue typed) {
            return typed;
        } else if (value instanceof Number number) {
            return number(number);
        } else if (value instanceof CharSequence || value instanceof Character) {
            return FeatureValue.of(value.toString());
        } else if (value instanceof Boolean flag) {
            return new FeatureValue.Bool(flag);
        } else if (value instanceof byte[] bytes) {
            return new FeatureValue.Bytes(bytes);
        } else if (value instanceof Instant time) {
            return new FeatureValue.UnixTimestamp(time.getEpochSecond());
        } else if (value instanceof ZonedDateTime time) {
            return zoned(time.toEpochSecond(), time.getZone());
        } else if (value instanceof OffsetDateTime time) {
            return zoned(time.toEpochSecond(), time.getOffset());
        } else if (value instanceof UUID uuid) {
            return new FeatureValue.Text(uuid.version() == 1 ? ValueType.TIME_UUID : ValueType.UUID, uuid.toString());
        } else if (value instanceof Set<?> set) {
            return collection(set, SETS, ValueType.VALUE_SET);
        } else if (value instanceof Collection<?> list) {
            return collection(list, LISTS, ValueType.VALUE_LIST);
        } else if (value.getClass().isArray()) {
            return collection(elements(value), LISTS, ValueType.VALUE_LIST);
        } else if (value instanceof Map<?, ?> map) {
            return map(map);
        }
        throw cannotSend(value);
    }

    private static FeatureValue number(Number number) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return FeatureValue.of(number.longValue());
        } else if (number instanceof Double) {
            return new FeatureValue.Float64(number.doubleValue());
        } else if (number instanceof Float) {
            return new FeatureValue.Float32(number.floatValue());
        } else if (number instanceof BigDecimal || number instanceof BigInteger) {
            return new FeatureValue.Text(ValueType.DECIMAL, number.toString());
        }
        throw cannotSend(number);
    }

    /** Feast names offsets UTC+02:00. */
    private static FeatureValue zoned(long seconds, ZoneId zone) {
        String name = zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
        return new FeatureValue.ZonedTimestamp(
                seconds, zone instanceof ZoneOffset && !name.equals("UTC") ? "UTC" + name : name);
    }

    private static List<@Nullable Object> elements(Object array) {
        List<@Nullable Object> elements = new ArrayList<>(Array.getLength(array));
        for (int i = 0; i < Array.getLength(array); i++) {
            elements.add(Array.get(array, i));
        }
        return elements;
    }

    /** @param mixed the type of a collection whose members have no type in common */
    private static FeatureValue collection(Collection<?> elements, Map<ValueType, ValueType> types, ValueType mixed) {
        List<FeatureValue> members = new ArrayList<>(elements.size());
        elements.forEach(element -> members.add(value(element)));
        ValueType common =
                members.isEmpty() ? ValueType.INVALID : members.get(0).type();
        boolean uniform = members.stream().allMatch(member -> member.type() == common);
        return new FeatureValue.Collection(uniform ? types.getOrDefault(common, mixed) : mixed, members);
    }

    private static FeatureValue map(Map<?, ?> map) {
        if (map.keySet().stream().allMatch(String.class::isInstance)) {
            Map<String, FeatureValue> entries = new LinkedHashMap<>();
            map.forEach((name, value) -> entries.put((String) name, value(value)));
            return new FeatureValue.Dictionary(ValueType.MAP, entries);
        }
        Map<FeatureValue, FeatureValue> entries = new LinkedHashMap<>();
        map.forEach((key, value) -> entries.put(value(key), value(value)));
        return new FeatureValue.ScalarMap(entries);
    }

    /** Types of collections by that of their members. */
    private static Map<ValueType, ValueType> collections(String ending) {
        Map<ValueType, ValueType> types = new EnumMap<>(ValueType.class);
        for (ValueType type : ValueType.values()) {
            String name = type.name();
            if (name.endsWith(ending) && type != ValueType.VALUE_LIST && type != ValueType.VALUE_SET) {
                types.put(ValueType.valueOf(name.substring(0, name.length() - ending.length())), type);
            }
        }
        return types;
    }

    private static FeatureClientException cannotSend(Object value) {
        return new FeatureClientException(
                Reason.INVALID_REQUEST,
                "%s cannot be sent: it is a %s (accepted: %s)"
                        .formatted(value, value.getClass().getName(), ACCEPTED));
    }
}
