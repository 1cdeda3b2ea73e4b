package dev.larder.materializer.compute;

import dev.larder.materializer.lake.Lake;
import dev.larder.model.FeatureView;
import dev.larder.offlinestore.LakeLayout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** A feature table as values that tests compare. */
record ComputedRows(Map<List<Object>, List<@Nullable Object>> values, Map<List<Object>, Instant> created) {
    /** By entity, then stamp. */
    static final Comparator<List<Object>> ORDER =
            Comparator.<List<Object>>comparingLong(key -> (Long) key.get(0)).thenComparing(key -> (Instant) key.get(1));

    static ComputedRows read(Lake lake, FeatureView view) {
        ComputedRows rows = new ComputedRows(new TreeMap<>(ORDER), new TreeMap<>(ORDER));
        for (Row row : lake.spark()
                .table(lake.sqlName(LakeLayout.featuresTable(view.name())))
                .collectAsList()) {
            List<Object> identity = List.of(row.getAs("user_id"), row.getAs(LakeLayout.EVENT_TIMESTAMP));
            List<@Nullable Object> values = new ArrayList<>();
            for (String column : FeatureRows.values(view)) {
                values.add(row.getAs(column));
            }
            values.add(row.getAs(LakeLayout.DAY));
            if (rows.values().put(identity, values) != null) {
                throw new AssertionError("Two rows of " + identity);
            }
            rows.created().put(identity, row.getAs(LakeLayout.CREATED));
        }
        return rows;
    }

    /** The entries whose stamp lies in (from, to]. */
    static <V extends @Nullable Object> Map<List<Object>, V> in(Map<List<Object>, V> rows, Instant from, Instant to) {
        Map<List<Object>, V> part = new TreeMap<>(ORDER);
        rows.forEach((key, value) -> {
            Instant stamp = (Instant) key.get(1);
            if (stamp.isAfter(from) && !stamp.isAfter(to)) {
                part.put(key, value);
            }
        });
        return part;
    }
}
