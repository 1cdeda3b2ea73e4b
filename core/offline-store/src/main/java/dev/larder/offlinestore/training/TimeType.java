package dev.larder.offlinestore.training;

import org.jspecify.annotations.Nullable;

/** How a column of any type is read as a moment in microseconds; a time without an offset is UTC. */
final class TimeType {
    private TimeType() {}

    /** SQL that is null where the value is no finite time; null where the type holds none. */
    static @Nullable String expression(EntityFrame.Column column) {
        String name = column.internal();
        String time =
                switch (column.type()) {
                    case "VARCHAR" -> "TRY_CAST(trim(%s) AS TIMESTAMPTZ)".formatted(name);
                    case "TIMESTAMP WITH TIME ZONE" -> name;
                    case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "DATE" ->
                        "CAST(%s AS TIMESTAMPTZ)".formatted(name);
                    // A cast would round up, and a row could then see what happened after it.
                    case "TIMESTAMP_NS", "TIMESTAMPTZ_NS" ->
                        "make_timestamptz((epoch_ns(%1$s) - (epoch_ns(%1$s) %% 1000 + 1000) %% 1000) // 1000)"
                                .formatted(name);
                    default -> null;
                };
        return time == null ? null : "CASE WHEN isfinite(%1$s) THEN %1$s END".formatted(time);
    }
}
