package dev.larder.materializer.ingest;

import static org.apache.spark.sql.functions.col;

import dev.larder.model.DataSource;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A TRUNCATE of the source's table: ends every row that stands before it in the database's log. It lies in one partition of
 * the topic and speaks for all, so log positions alone tell what was before.
 *
 * @param event its row of {@link ChangeColumns#schema}, without a primary key
 */
record Truncation(long lsn, Row event) implements Serializable {

    /** All of a table of changes, in log order; the files' statistics spare the reading where there is none. */
    static List<Truncation> in(Dataset<Row> changes, DataSource source) {
        return changes
                .where(col("`" + source.primaryKey().get(0) + "`").isNull())
                .orderBy(ChangeColumns.LSN)
                .collectAsList()
                .stream()
                .map(row -> new Truncation(row.getAs(ChangeColumns.LSN), row))
                .toList();
    }
}
