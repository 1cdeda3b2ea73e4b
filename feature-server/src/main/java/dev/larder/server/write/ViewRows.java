package dev.larder.server.write;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.InputValues;
import dev.larder.feast.ValueCodec;
import dev.larder.model.EntityKey;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureValue;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.ValueType;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A frame as rows of one view, encoded for the store. */
final class ViewRows {
    private final ViewColumns columns;
    private final WriteRules rules;
    private final int keyVersion;
    private final long received;
    private final List<Field> joinKeys;
    private final List<List<@Nullable Object>> joinKeyCells;
    private final List<List<@Nullable Object>> featureCells;
    private final List<@Nullable Object> eventTimes;
    private final @Nullable List<@Nullable Object> created;

    /**
     * @param keyVersion {@code entity_key_serialization_version}
     * @param received when the rows came, in microseconds since 1970
     */
    ViewRows(ViewColumns columns, Frame frame, WriteRules rules, int keyVersion, long received) {
        this.columns = columns;
        this.rules = rules;
        this.keyVersion = keyVersion;
        this.received = received;
        joinKeys = columns.view().entityColumns();
        joinKeyCells =
                columns.joinKeys().stream().map(name -> cells(frame, name)).toList();
        featureCells = columns.featureColumns().stream()
                .map(name -> cells(frame, name))
                .toList();
        eventTimes = cells(frame, columns.eventTime());
        created = columns.created() == null ? null : cells(frame, columns.created());
    }

    private static List<@Nullable Object> cells(Frame frame, String column) {
        return Objects.requireNonNull(frame.columns().get(column), column);
    }

    ViewColumns columns() {
        return columns;
    }

    /** The cells of the event time, as they were given. */
    List<@Nullable Object> eventTimes() {
        return eventTimes;
    }

    /** @throws LarderException {@code VALUE_TYPE_MISMATCH}, naming the view, the column, the row (from 0) and the value */
    List<OnlineWrite> encode(int from, int to) {
        List<OnlineWrite> rows = new ArrayList<>(to - from);
        for (int row = from; row < to; row++) {
            rows.add(new OnlineWrite(key(row), eventTime(row), version(row), values(row)));
        }
        return rows;
    }

    private byte[] key(int row) {
        if (joinKeys.isEmpty()) {
            return EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, keyVersion);
        }
        EntityKey.JoinKey[] keys = new EntityKey.JoinKey[joinKeys.size()];
        for (int i = 0; i < keys.length; i++) {
            Object cell = joinKeyCells.get(i).get(row);
            String column = columns.joinKeys().get(i);
            ValueType type = keyType(joinKeys.get(i).type(), cell);
            FeatureValue value = value(cell, type, column, row);
            if (value instanceof FeatureValue.Null) {
                throw mismatch(column, row, "null is no join key (expected: %s)".formatted(type.displayName()), null);
            }
            keys[i] = new EntityKey.JoinKey(joinKeys.get(i).name(), value);
        }
        try {
            return EntityKeyCodec.encode(new EntityKey(Arrays.asList(keys)), keyVersion);
        } catch (LarderException e) {
            throw mismatch(String.join(", ", columns.joinKeys()), row, String.valueOf(e.getMessage()), e);
        }
    }

    /** Of an entity whose type nobody declared, as requests for features read it. */
    private static ValueType keyType(ValueType declared, @Nullable Object cell) {
        if (declared != ValueType.INVALID) {
            return declared;
        }
        return cell instanceof Number || cell instanceof Boolean || cell instanceof FeatureValue.Int64
                ? ValueType.INT64
                : ValueType.STRING;
    }

    private byte[][] values(int row) {
        byte[][] values = new byte[featureCells.size()][];
        for (int i = 0; i < values.length; i++) {
            Field feature = columns.features().get(i);
            String column = columns.featureColumns().get(i);
            FeatureValue value = value(featureCells.get(i).get(row), feature.type(), column, row);
            try {
                values[i] = ValueCodec.encode(value);
            } catch (LarderException e) {
                throw mismatch(column, row, String.valueOf(e.getMessage()), e);
            }
        }
        return values;
    }

    private FeatureValue value(@Nullable Object cell, ValueType type, String column, int row) {
        InputValues input = rules.input();
        try {
            return input.value(cell, type);
        } catch (LarderException e) {
            throw mismatch(column, row, String.valueOf(e.getMessage()), e);
        }
    }

    private Instant eventTime(int row) {
        long micros = micros(eventTimes, columns.eventTime(), row)
                .orElseThrow(() -> mismatch(
                        columns.eventTime(),
                        row,
                        "there is no event time (expected: %s)".formatted(EventTimes.ACCEPTED),
                        null));
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private long version(int row) {
        if (!rules.created()) {
            return 0;
        }
        String column = columns.created();
        OptionalLong given = created == null || column == null ? OptionalLong.empty() : micros(created, column, row);
        if (given.isEmpty()) {
            return rules.received() ? received : 0;
        }
        if (given.getAsLong() >= OnlineStore.TAKEOVER_VERSION) {
            throw mismatch(String.valueOf(column), row, "a row cannot have been created after the year 2255", null);
        }
        return given.getAsLong();
    }

    /** Empty for null; a time that cannot be read is refused. */
    private OptionalLong micros(List<@Nullable Object> cells, String column, int row) {
        Object cell = cells.get(row);
        if (cell == null || cell instanceof FeatureValue.Null || (cell instanceof Double number && number.isNaN())) {
            return OptionalLong.empty();
        }
        OptionalLong micros = EventTimes.micros(cell);
        if (micros.isEmpty()) {
            String text = String.valueOf(cell instanceof FeatureValue.Text typed ? typed.value() : cell);
            throw mismatch(
                    column,
                    row,
                    "%s cannot be read as a time (accepted: %s)"
                            .formatted(
                                    text.length() > 100 ? text.substring(0, 100) + "..." : text, EventTimes.ACCEPTED),
                    null);
        }
        return micros;
    }

    private LarderException mismatch(String column, int row, String what, @Nullable LarderException cause) {
        return new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "Feature view %s, column %s, row %d: %s"
                        .formatted(columns.view().name(), column, row, what),
                cause);
    }
}
