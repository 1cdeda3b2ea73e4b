package dev.larder.materializer.compute;

import dev.larder.materializer.testing.MemoryLog.Event;
import dev.larder.model.DataSource;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Versions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The definition of state rows, told from the source's true history. */
final class StatesOracle {
    private final ZoneId zone;
    private final List<String> columns;
    private final List<String> featureColumns;
    private final @Nullable String eventTime;

    StatesOracle(FeatureView view, DataSource source) {
        Versions computation = (Versions) Objects.requireNonNull(view.computation());
        zone = computation.zone();
        featureColumns = computation.columns();
        columns = source.columns().stream().map(DataSource.Column::name).toList();
        eventTime = source.eventTime();
    }

    /** A row of an entity; a list of them is in the order of the log. */
    private record State(Object user, Instant stamp, boolean ends, List<@Nullable Object> values) {}

    /** Values, is_deleted and day by (entity, stamp). */
    Map<List<Object>, List<@Nullable Object>> rows(List<Event> history) {
        List<State> states = states(history);
        Map<List<Object>, List<@Nullable Object>> rows = new TreeMap<>(ComputedRows.ORDER);
        for (int i = 0; i < states.size(); i++) {
            State state = states.get(i);
            boolean isVoid = state.ends()
                    && states.subList(i + 1, states.size()).stream()
                            .anyMatch(later -> later.user().equals(state.user())
                                    && !later.ends()
                                    && !later.stamp().isAfter(state.stamp()));
            if (!isVoid) {
                List<@Nullable Object> row = new ArrayList<>(state.values());
                row.add(state.ends());
                row.add(state.stamp().minus(1, ChronoUnit.MICROS).atZone(zone).toLocalDate());
                rows.put(List.of(state.user(), state.stamp()), row);
            }
        }
        return rows;
    }

    private List<State> states(List<Event> history) {
        List<State> states = new ArrayList<>();
        Map<Object, @Nullable Object[]> present = new HashMap<>();
        Map<Object, Object> lastUser = new HashMap<>();
        for (Event event : history) {
            Instant commit = event.commitTime();
            if (event.op().equals("t")) {
                new TreeMap<>(present).forEach((key, row) -> end(states, lastUser.get(key), commit));
                present.clear();
                continue;
            }
            Object key = Objects.requireNonNull(event.values()[0]);
            if (event.op().equals("d")) {
                if (present.remove(key) != null) {
                    end(states, lastUser.get(key), commit);
                }
                continue;
            }
            Instant stamp = stamp(event);
            if (stamp == null) {
                continue;
            }
            Object user = value(event.values(), "user_id");
            Object before = present.containsKey(key) ? lastUser.get(key) : null;
            present.put(key, event.values());
            if (user == null) {
                lastUser.remove(key);
            } else {
                lastUser.put(key, user);
                states.add(new State(user, stamp, false, features(event.values())));
            }
            if (before != null && !before.equals(user)) {
                end(states, before, stamp);
            }
        }
        return states;
    }

    private void end(List<State> states, @Nullable Object user, Instant stamp) {
        if (user != null) {
            states.add(new State(user, stamp, true, new ArrayList<>(Arrays.asList(new Object[featureColumns.size()]))));
        }
    }

    private @Nullable Instant stamp(Event event) {
        if (eventTime == null) {
            return event.commitTime();
        }
        LocalDate date = (LocalDate) value(event.values(), eventTime);
        return date == null ? null : date.atStartOfDay(zone).toInstant();
    }

    private List<@Nullable Object> features(@Nullable Object[] row) {
        List<@Nullable Object> features = new ArrayList<>();
        for (String column : featureColumns) {
            Object value = value(row, column);
            if (value instanceof Integer number) {
                features.add(number.longValue());
            } else if (value instanceof BigDecimal number) {
                features.add(number.toPlainString());
            } else if (value instanceof LocalDate date) {
                features.add(date.atStartOfDay(ZoneOffset.UTC).toInstant());
            } else {
                features.add(value);
            }
        }
        return features;
    }

    private @Nullable Object value(@Nullable Object[] row, String column) {
        return row[columns.indexOf(column)];
    }
}
