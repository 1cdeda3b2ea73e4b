package dev.larder.model;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of a feature or join key. A null is {@link Null}; "never written" is not a value but a read status. */
public sealed interface FeatureValue {

    /** Of the value itself: of a null {@code NULL}, whatever the feature was declared as. */
    ValueType type();

    record Null() implements FeatureValue {
        public static final Null INSTANCE = new Null();

        @Override
        public ValueType type() {
            return ValueType.NULL;
        }
    }

    record Bytes(byte[] value) implements FeatureValue {
        public Bytes {
            value = value.clone();
        }

        @Override
        public byte[] value() {
            return value.clone();
        }

        @Override
        public ValueType type() {
            return ValueType.BYTES;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes that && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }
    }

    /** STRING, and the types that Feast stores as text: JSON, UUID, TIME_UUID, DECIMAL. */
    record Text(ValueType type, String value) implements FeatureValue {
        public Text {
            switch (type) {
                case STRING, JSON, UUID, TIME_UUID, DECIMAL -> {}
                default ->
                    throw new IllegalArgumentException(
                            "type: " + type + " (expected: STRING, JSON, UUID, TIME_UUID or DECIMAL)");
            }
        }
    }

    record Int32(int value) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.INT32;
        }
    }

    record Int64(long value) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.INT64;
        }
    }

    record Float64(double value) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.DOUBLE;
        }
    }

    record Float32(float value) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.FLOAT;
        }
    }

    record Bool(boolean value) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.BOOL;
        }
    }

    /** Seconds since 1970-01-01T00:00:00Z. */
    record UnixTimestamp(long seconds) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.UNIX_TIMESTAMP;
        }
    }

    /** Seconds since 1970 with the zone they were given in; an empty zone means UTC. */
    record ZonedTimestamp(long seconds, String zone) implements FeatureValue {
        @Override
        public ValueType type() {
            return ValueType.ZONED_TIMESTAMP;
        }
    }

    /** A list or set; its type names the element, for example INT64_LIST or STRING_SET, VALUE_LIST for nested ones. */
    record Collection(ValueType type, List<FeatureValue> values) implements FeatureValue {
        public Collection {
            values = List.copyOf(values);
        }
    }

    /** MAP or STRUCT. */
    record Dictionary(ValueType type, Map<String, FeatureValue> entries) implements FeatureValue {
        public Dictionary {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }
    }

    /** SCALAR_MAP: keys are scalars of any type. */
    record ScalarMap(Map<FeatureValue, FeatureValue> entries) implements FeatureValue {
        public ScalarMap {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public ValueType type() {
            return ValueType.SCALAR_MAP;
        }
    }

    static FeatureValue none() {
        return Null.INSTANCE;
    }

    static FeatureValue of(String value) {
        return new Text(ValueType.STRING, value);
    }

    static FeatureValue of(long value) {
        return new Int64(value);
    }
}
