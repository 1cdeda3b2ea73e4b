package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The features of one entity.
 *
 * <p>Features are named as they were asked for ({@code view:feature}), as {@link FeatureTable#featureNames} names them, or by their
 * own name alone where only one has it.
 *
 * <p>Where there is no value, because it is null or was never written, a getter returns null, and one that is given a default
 * returns that; {@link #status} says why. A value that is older than its view's ttl is returned like any other: look at the
 * status where age matters.
 *
 * <p>Getters throw {@link FeatureClientException}: {@code NOT_FOUND} for a name that is not in the answer, {@code WRONG_TYPE} for a
 * value of another type, and {@code INTERNAL} for bytes that are no value.
 */
public final class FeatureRow {
    private final Map<String, Object> entity;
    private final FeatureNames names;
    private final Answer answer;
    private final int row;

    FeatureRow(Map<String, Object> entity, FeatureNames names, Answer answer, int row) {
        this.entity = entity;
        this.names = names;
        this.answer = answer;
        this.row = row;
    }

    /** The entity as it was asked for. */
    public Map<String, Object> entity() {
        return entity;
    }

    public FeatureStatus status(String feature) {
        return answer.status(names.column(feature), row);
    }

    /** When the value came to hold; null if it was never written. */
    public @Nullable Instant eventTimestamp(String feature) {
        return answer.eventTimestamp(names.column(feature), row);
    }

    /** The value with its exact type. */
    public FeatureValue getValue(String feature) {
        return value(names.column(feature), feature);
    }

    /**
     * The value as Java's own: {@code Long}, {@code Integer}, {@code Double}, {@code Float}, {@code Boolean}, {@code String} (also of JSON),
     * {@code byte[]}, {@code Instant}, {@code ZonedDateTime}, {@code UUID}, {@code BigDecimal}, {@code List}, {@code Set} or {@code Map} of these.
     */
    public @Nullable Object getObject(String feature) {
        return object(feature, getValue(feature));
    }

    /** All features by {@link FeatureTable#featureNames}, in that order, as {@link #getObject} gives them. */
    public Map<String, @Nullable Object> asMap() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (int i = 0; i < names.names().size(); i++) {
            String name = names.names().get(i);
            values.put(name, object(name, value(names.columnAt(i), name)));
        }
        return Collections.unmodifiableMap(values);
    }

    /** Of Int64 and Int32. */
    public @Nullable Long getLong(String feature) {
        FeatureValue value = getValue(feature);
        if (value instanceof FeatureValue.Int64 number) {
            return number.value();
        } else if (value instanceof FeatureValue.Int32 number) {
            return (long) number.value();
        }
        return nothing(feature, value, "a long");
    }

    public long getLong(String feature, long absent) {
        Long value = getLong(feature);
        return value == null ? absent : value;
    }

    /** Of Int32. */
    public @Nullable Integer getInt(String feature) {
        FeatureValue value = getValue(feature);
        return value instanceof FeatureValue.Int32 number ? number.value() : nothing(feature, value, "an int");
    }

    public int getInt(String feature, int absent) {
        Integer value = getInt(feature);
        return value == null ? absent : value;
    }

    /** Of Float64, Float32 and Int32, all of which a double holds exactly. */
    public @Nullable Double getDouble(String feature) {
        FeatureValue value = getValue(feature);
        if (value instanceof FeatureValue.Float64 number) {
            return number.value();
        } else if (value instanceof FeatureValue.Float32 number) {
            return (double) number.value();
        } else if (value instanceof FeatureValue.Int32 number) {
            return (double) number.value();
        }
        return nothing(feature, value, "a double");
    }

    public double getDouble(String feature, double absent) {
        Double value = getDouble(feature);
        return value == null ? absent : value;
    }

    /** Of Float32. */
    public @Nullable Float getFloat(String feature) {
        FeatureValue value = getValue(feature);
        return value instanceof FeatureValue.Float32 number ? number.value() : nothing(feature, value, "a float");
    }

    public float getFloat(String feature, float absent) {
        Float value = getFloat(feature);
        return value == null ? absent : value;
    }

    /** Of Bool. */
    public @Nullable Boolean getBoolean(String feature) {
        FeatureValue value = getValue(feature);
        return value instanceof FeatureValue.Bool flag ? flag.value() : nothing(feature, value, "a boolean");
    }

    public boolean getBoolean(String feature, boolean absent) {
        Boolean value = getBoolean(feature);
        return value == null ? absent : value;
    }

    /** Of String, and of all that Feast keeps as text: Json, Uuid, TimeUuid, Decimal. */
    public @Nullable String getString(String feature) {
        FeatureValue value = getValue(feature);
        return value instanceof FeatureValue.Text text ? text.value() : nothing(feature, value, "a String");
    }

    public String getString(String feature, String absent) {
        String value = getString(feature);
        return value == null ? absent : value;
    }

    /** Of Bytes. */
    public byte @Nullable [] getBytes(String feature) {
        FeatureValue value = getValue(feature);
        return value instanceof FeatureValue.Bytes bytes ? bytes.value() : nothing(feature, value, "bytes");
    }

    /** Of UnixTimestamp and ZonedTimestamp, in whole seconds. */
    public @Nullable Instant getInstant(String feature) {
        FeatureValue value = getValue(feature);
        if (value instanceof FeatureValue.ZonedTimestamp time) {
            return (Instant) object(feature, new FeatureValue.UnixTimestamp(time.seconds()));
        }
        return of(feature, value, "an Instant", Instant.class);
    }

    /** Of ZonedTimestamp. */
    public @Nullable ZonedDateTime getZonedDateTime(String feature) {
        return of(feature, getValue(feature), "a ZonedDateTime", ZonedDateTime.class);
    }

    /** Of Uuid and TimeUuid. */
    public @Nullable UUID getUuid(String feature) {
        return of(feature, getValue(feature), "a UUID", UUID.class);
    }

    /** Of Decimal, with its scale. */
    public @Nullable BigDecimal getDecimal(String feature) {
        return of(feature, getValue(feature), "a BigDecimal", BigDecimal.class);
    }

    /**
     * Of Array types.
     *
     * @param member of Java's type for the members, {@code Long.class} for Array(Int64); {@code List.class} for Array(Array), in which
     *     nulls may be; {@code Object.class} for any
     */
    public <T> @Nullable List<T> getList(String feature, Class<T> member) {
        FeatureValue value = getValue(feature);
        List<?> members = of(feature, value, "a List of " + member.getSimpleName(), List.class);
        if (members != null) {
            check(feature, value, members, member, "a List");
        }
        return uncheckedCast(members);
    }

    /** Of Set types, in the order in which the members are stored; {@code byte[]} of equal content are not found in it. */
    public <T> @Nullable Set<T> getSet(String feature, Class<T> member) {
        FeatureValue value = getValue(feature);
        Set<?> members = of(feature, value, "a Set of " + member.getSimpleName(), Set.class);
        if (members != null) {
            check(feature, value, members, member, "a Set");
        }
        return uncheckedCast(members);
    }

    /** Of Map and Struct; values as {@link #getObject} gives them, nulls included. */
    public @Nullable Map<String, @Nullable Object> getMap(String feature) {
        FeatureValue value = getValue(feature);
        if (value instanceof FeatureValue.Dictionary) {
            return uncheckedCast(object(feature, value));
        }
        return nothing(feature, value, "a Map of Strings");
    }

    /** Of ScalarMap, whose keys are numbers, flags, times, bytes, UUIDs or decimals. */
    public @Nullable Map<Object, @Nullable Object> getScalarMap(String feature) {
        FeatureValue value = getValue(feature);
        if (value instanceof FeatureValue.ScalarMap) {
            return uncheckedCast(object(feature, value));
        }
        return nothing(feature, value, "a Map of scalars");
    }

    private FeatureValue value(int column, String feature) {
        try {
            return answer.value(column, row);
        } catch (LarderException e) {
            throw new FeatureClientException(Reason.INTERNAL, "Feature %s: %s".formatted(feature, e.getMessage()), e);
        }
    }

    private static @Nullable Object object(String feature, FeatureValue value) {
        try {
            return ToJava.object(value);
        } catch (RuntimeException e) {
            throw new FeatureClientException(
                    Reason.WRONG_TYPE,
                    "Feature %s is a %s that Java has no value for: %s. Take it as it is with getValue."
                            .formatted(feature, value.type().displayName(), e.getMessage()),
                    e);
        }
    }

    private static <T> @Nullable T of(String feature, FeatureValue value, String asked, Class<T> type) {
        Object object = object(feature, value);
        return type.isInstance(object) ? type.cast(object) : nothing(feature, value, asked);
    }

    private static void check(
            String feature, FeatureValue value, Collection<?> members, Class<?> asked, String collection) {
        for (Object member : members) {
            if (member != null && !asked.isInstance(member)) {
                throw new FeatureClientException(
                        Reason.WRONG_TYPE,
                        "Feature %s is %s, whose members are %s; it was asked for as %s of %s."
                                .formatted(
                                        feature,
                                        value.type().displayName(),
                                        member.getClass().getSimpleName(),
                                        collection,
                                        asked.getSimpleName()));
            }
        }
    }

    /** Null for a null; any other value has the wrong type. */
    @SuppressWarnings("TypeParameterUnusedInFormals")
    private static <T> @Nullable T nothing(String feature, FeatureValue value, String asked) {
        if (value instanceof FeatureValue.Null) {
            return null;
        }
        throw new FeatureClientException(
                Reason.WRONG_TYPE,
                "Feature %s is %s; it was asked for as %s. Ask with %s."
                        .formatted(feature, value.type().displayName(), asked, getter(value)));
    }

    private static String getter(FeatureValue value) {
        if (value instanceof FeatureValue.Collection collection) {
            return ToJava.isSet(collection.type()) ? "getSet" : "getList";
        }
        return switch (value.type()) {
            case INT64 -> "getLong";
            case INT32 -> "getInt, getLong or getDouble";
            case DOUBLE -> "getDouble";
            case FLOAT -> "getFloat or getDouble";
            case BOOL -> "getBoolean";
            case BYTES -> "getBytes";
            case UNIX_TIMESTAMP -> "getInstant";
            case ZONED_TIMESTAMP -> "getZonedDateTime or getInstant";
            case UUID, TIME_UUID -> "getUuid or getString";
            case DECIMAL -> "getDecimal or getString";
            case MAP, STRUCT -> "getMap";
            case SCALAR_MAP -> "getScalarMap";
            default -> "getString";
        };
    }

    /** The members were checked, or are of any type. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T> @Nullable T uncheckedCast(@Nullable Object object) {
        return (T) object;
    }

    @Override
    public String toString() {
        return entity + " " + names.names();
    }
}
