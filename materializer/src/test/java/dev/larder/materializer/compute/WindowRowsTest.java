package dev.larder.materializer.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.materializer.lake.Micros;
import dev.larder.materializer.testing.Banking;
import dev.larder.model.Aggregation;
import dev.larder.model.DataSource.Column;
import dev.larder.model.FeatureView;
import dev.larder.model.FeatureView.Aggregated;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The sliding itself, without Spark: many seeds in little time. */
final class WindowRowsTest {
    private static final List<String> COLUMNS =
            Banking.TRANSACTIONS.columns().stream().map(Column::name).toList();

    @Test
    void agreesWithTheDefinition() {
        int rows = 0;
        for (long seed = 1; seed <= 150; seed++) {
            Random random = new Random(seed);
            FeatureView view = Generated.view(random);
            List<@Nullable Object[]> present = new ArrayList<>();
            for (long key = 0; key < random.nextInt(80); key++) {
                present.add(Generated.transaction(random, key));
            }
            Instant from = Generated.DAY_0.plusSeconds(random.nextInt(30 * 86_400));
            Interval interval = new Interval(
                    random.nextBoolean() ? Interval.BEGINNING : from, from.plusSeconds(random.nextInt(20 * 86_400)));

            Map<List<Object>, List<@Nullable Object>> computed = computed(view, present, interval);

            assertThat(computed)
                    .as("seed %d, %s, %s", seed, interval, view.computation())
                    .isEqualTo(
                            new FactsOracle(view, Banking.TRANSACTIONS).rows(present, interval.from(), interval.to()));
            rows += computed.size();
        }
        assertThat(rows).isGreaterThan(3000);
    }

    private static Map<List<Object>, List<@Nullable Object>> computed(
            FeatureView view, List<@Nullable Object[]> present, Interval interval) {
        Aggregated computation = (Aggregated) Objects.requireNonNull(view.computation());
        List<Row> events = present.stream()
                .filter(row -> row[1] != null && row[5] != null)
                .map(row -> event(computation, row))
                .sorted(Comparator.<Row>comparingLong(row -> row.getLong(1)).thenComparing(row -> row.getLong(0)))
                .toList();
        Map<List<Object>, List<@Nullable Object>> rows = new TreeMap<>(ComputedRows.ORDER);
        new WindowRows(view, computation, interval, new LongAccumulator())
                .call(events.iterator())
                .forEachRemaining(row -> {
                    List<@Nullable Object> values = new ArrayList<>();
                    for (int i = 2; i < row.size(); i++) {
                        values.add(row.get(i));
                    }
                    rows.put(List.of(row.get(0), row.get(1)), values);
                });
        return rows;
    }

    private static Row event(Aggregated computation, @Nullable Object[] row) {
        List<@Nullable Object> event = new ArrayList<>();
        event.add(Micros.of((Instant) Objects.requireNonNull(row[5])));
        event.add(row[1]);
        for (Aggregation aggregation : computation.aggregations()) {
            event.add(aggregation.column() == null ? (Object) true : row[COLUMNS.indexOf(aggregation.column())]);
        }
        return RowFactory.create(event.toArray());
    }
}
