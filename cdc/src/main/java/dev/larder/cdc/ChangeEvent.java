package dev.larder.cdc;

import java.io.Serializable;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row, as Debezium tells it under {@link ConnectorConfig}.
 *
 * <p>Rows and keys map column names to texts; SQL's null is null. The texts are those of the JSON:
 *
 * <table>
 * <caption>How values arrive</caption>
 * <tr><th>PostgreSQL</th><th>text</th><th>example</th></tr>
 * <tr><td>smallint, integer, bigint</td><td>digits</td><td>{@code 42}</td></tr>
 * <tr><td>real, double precision</td><td>a JSON number, or NaN, Infinity, -Infinity</td><td>{@code 0.1}</td></tr>
 * <tr><td>numeric</td><td>plain digits with the column's scale</td><td>{@code 12.50}</td></tr>
 * <tr><td>boolean</td><td>true or false</td><td>{@code true}</td></tr>
 * <tr><td>text, varchar, uuid; char(n) with its trailing blanks</td><td>as it is</td><td>{@code bakery}</td></tr>
 * <tr><td>date</td><td>days since 1970-01-01</td><td>{@code 20778}</td></tr>
 * <tr><td>timestamp</td><td>microseconds since 1970-01-01T00:00, read as UTC</td><td>{@code 1795219200123456}</td></tr>
 * <tr><td>timestamptz</td><td>ISO 8601 in UTC with six decimals (or none)</td>
 *   <td>{@code 2026-11-21T00:00:00.123456Z}</td></tr>
 * </table>
 *
 * <p>{@link ColumnText} turns a text into a value of the declared type.
 *
 * <p>The order of one row's events is that of (position, offset in Kafka). A change of the primary key arrives as a {@link
 * Delete}, a {@link Tombstone} and an {@link Insert}.
 */
public sealed interface ChangeEvent extends Serializable {

    /**
     * Where in the source's log a change stands.
     *
     * @param lsn log position; of two changes of one row the later one has the greater position. All rows of a snapshot share
     *     one, as may rows with different keys that one statement has inserted
     * @param commitTime when the transaction was committed; of a snapshot, when it was taken
     */
    record Position(long lsn, Instant commitTime) implements Serializable {}

    /** The row was there when the capture began. */
    record Snapshot(Map<String, @Nullable String> key, Position position, Map<String, @Nullable String> row)
            implements ChangeEvent {}

    /** The row was inserted. */
    record Insert(Map<String, @Nullable String> key, Position position, Map<String, @Nullable String> row)
            implements ChangeEvent {}

    /**
     * The row was updated.
     *
     * @param row the new row without the columns named in {@code unchanged}
     * @param unchanged columns whose value the log does not hold, because it is large (kept out of line) and the update left
     *     it alone: the row's value before still holds. Empty for almost every update
     */
    record Update(
            Map<String, @Nullable String> key,
            Position position,
            Map<String, @Nullable String> row,
            Set<String> unchanged)
            implements ChangeEvent {}

    /** The row was deleted. What it held is not told: with the default replica identity the log holds the key alone. */
    record Delete(Map<String, @Nullable String> key, Position position) implements ChangeEvent {}

    /** Follows each delete, for Kafka's log compaction; says nothing new. */
    record Tombstone(Map<String, @Nullable String> key) implements ChangeEvent {}

    /** All rows of the table were removed at once. */
    record Truncate(Position position) implements ChangeEvent {}
}
