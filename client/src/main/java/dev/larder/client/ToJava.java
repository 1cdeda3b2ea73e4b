package dev.larder.client;

import dev.larder.model.FeatureValue;
import dev.larder.model.ValueType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of Feast as values of Java. */
final class ToJava {
    private ToJava() {}

    /** @throws RuntimeException if text is no number, UUID or zone, or a time is beyond Java's; only Feast's own writers store such */
    static @Nullable Object object(FeatureValue value) {
        if (value instanceof FeatureValue.Int64 v) {
            return v.value();
        } else if (value instanceof FeatureValue.Int32 v) {
            return v.value();
        } else if (value instanceof FeatureValue.Float64 v) {
            return v.value();
        } else if (value instanceof FeatureValue.Float32 v) {
            return v.value();
        } else if (value instanceof FeatureValue.Bool v) {
            return v.value();
        } else if (value instanceof FeatureValue.Text v) {
            return text(v);
        } else if (value instanceof FeatureValue.Bytes v) {
            return v.value();
        } else if (value instanceof FeatureValue.UnixTimestamp v) {
            return Instant.ofEpochSecond(v.seconds());
        } else if (value instanceof FeatureValue.ZonedTimestamp v) {
            return Instant.ofEpochSecond(v.seconds())
                    .atZone(
                            v.zone().isEmpty()
                                    ? ZoneOffset.UTC
                                    : ZoneId.of(v.zone()).normalized());
        } else if (value instanceof FeatureValue.Collection v) {
            List<@Nullable Object> members = new ArrayList<>(v.values().size());
            v.values().forEach(member -> members.add(object(member)));
            return isSet(v.type())
                    ? Collections.unmodifiableSet(new LinkedHashSet<>(members))
                    : Collections.unmodifiableList(members);
        } else if (value instanceof FeatureValue.Dictionary v) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            v.entries().forEach((name, entry) -> entries.put(name, object(entry)));
            return Collections.unmodifiableMap(entries);
        } else if (value instanceof FeatureValue.ScalarMap v) {
            Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
            v.entries().forEach((key, entry) -> entries.put(object(key), object(entry)));
            return Collections.unmodifiableMap(entries);
        }
        return null;
    }

    static boolean isSet(ValueType type) {
        return type.displayName().startsWith("Set(");
    }

    private static Object text(FeatureValue.Text text) {
        return switch (text.type()) {
            case UUID, TIME_UUID -> UUID.fromString(text.value());
            case DECIMAL -> new BigDecimal(text.value());
            default -> text.value();
        };
    }
}
