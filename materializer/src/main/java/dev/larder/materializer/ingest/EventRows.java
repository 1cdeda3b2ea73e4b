package dev.larder.materializer.ingest;

import dev.larder.cdc.ChangeEvent;
import dev.larder.cdc.ColumnText;
import dev.larder.cdc.EnvelopeParser;
import dev.larder.model.DataSource;
import dev.larder.model.DataSource.Column;
import dev.larder.model.DataSource.ColumnType;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/** Turns Debezium's records into rows of {@link ChangeColumns#schema}; what a message says of its place leads the user there. */
final class EventRows implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MAX_DIGITS = 38;

    private final String source;
    private final String topic;
    private final List<Column> columns;
    private final List<String> primaryKey;

    EventRows(DataSource source) {
        this.source = source.name();
        this.topic = source.topic();
        this.columns = source.columns();
        this.primaryKey = source.primaryKey();
    }

    /**
     * @return null for a tombstone
     * @throws LarderException {@code VALUE_TYPE_MISMATCH}, naming the record and the column
     */
    @Nullable
    Row row(int partition, long offset, Instant kafkaTime, @Nullable String key, @Nullable String value) {
        try {
            return row(partition, offset, kafkaTime, EnvelopeParser.parse(key, value));
        } catch (LarderException e) {
            throw new LarderException(
                    e.code(),
                    "Record %d of topic %s-%d (source %s): %s"
                            .formatted(offset, topic, partition, source, e.getMessage()),
                    e);
        }
    }

    private @Nullable Row row(int partition, long offset, Instant kafkaTime, ChangeEvent event) {
        Place place = new Place(partition, offset, kafkaTime);
        if (event instanceof ChangeEvent.Snapshot snapshot) {
            return row(place, "r", snapshot.position(), snapshot.row(), Set.of());
        } else if (event instanceof ChangeEvent.Insert insert) {
            return row(place, "c", insert.position(), insert.row(), Set.of());
        } else if (event instanceof ChangeEvent.Update update) {
            return row(place, "u", update.position(), update.row(), update.unchanged());
        } else if (event instanceof ChangeEvent.Delete delete) {
            return row(place, "d", delete.position(), onlyPrimaryKey(delete.key()), null);
        } else if (event instanceof ChangeEvent.Truncate truncate) {
            return row(place, "t", truncate.position(), Map.of(), null);
        }
        return null;
    }

    private record Place(int partition, long offset, Instant kafkaTime) {}

    private Map<String, @Nullable String> onlyPrimaryKey(Map<String, @Nullable String> key) {
        for (String column : primaryKey) {
            requireColumn(key.keySet(), column, "the record's key");
        }
        return key;
    }

    /** @param unchanged null for an event after which no row is there */
    private Row row(
            Place place,
            String op,
            ChangeEvent.Position position,
            Map<String, @Nullable String> texts,
            @Nullable Set<String> unchanged) {
        @Nullable Object[] row = new Object[ChangeColumns.COUNT + columns.size()];
        row[0] = place.partition();
        row[1] = place.offset();
        row[2] = place.kafkaTime();
        row[3] = op;
        row[4] = position.lsn();
        row[5] = position.commitTime();
        row[6] = unchanged == null;
        row[7] = unchanged == null || unchanged.isEmpty() ? null : unchanged.toArray(String[]::new);
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            String text = texts.get(column.name());
            if (text != null) {
                row[ChangeColumns.COUNT + i] = value(column, text);
            } else if (unchanged != null && !unchanged.contains(column.name())) {
                requireColumn(texts.keySet(), column.name(), "table");
            }
        }
        return RowFactory.create(row);
    }

    private void requireColumn(Set<String> known, String column, String where) {
        if (!known.contains(column)) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "column '%s' is not in the %s's columns (%s). Correct the columns or the primary_key of source %s."
                            .formatted(column, where, String.join(", ", known), source));
        }
    }

    private static Object value(Column column, String text) {
        try {
            Object value = ColumnText.parse(column.type(), text);
            return column.type() == ColumnType.DECIMAL ? decimal(column, (BigDecimal) value) : value;
        } catch (LarderException e) {
            throw new LarderException(e.code(), "column '%s': %s".formatted(column.name(), e.getMessage()), e);
        }
    }

    private static BigDecimal decimal(Column column, BigDecimal value) {
        try {
            BigDecimal scaled = value.setScale(column.scale(), RoundingMode.UNNECESSARY);
            if (scaled.precision() <= MAX_DIGITS) {
                return scaled;
            }
        } catch (ArithmeticException e) {
            throw tooFine(column, value, e);
        }
        throw tooFine(column, value, null);
    }

    private static LarderException tooFine(Column column, BigDecimal value, @Nullable ArithmeticException cause) {
        return new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "%s does not fit Decimal with scale %d and %d digits. Declare the scale that the source's column has."
                        .formatted(value.toPlainString(), column.scale(), MAX_DIGITS),
                cause);
    }
}
