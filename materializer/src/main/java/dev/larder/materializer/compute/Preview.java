package dev.larder.materializer.compute;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.larder.materializer.lake.Lake;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.offlinestore.LakeLayout;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Shows the rows that a view computes for one entity, from what is ingested now; writes nothing. */
public final class Preview {
    private final Lake lake;
    private final Repository repository;
    private final Clock clock;
    private final PrintStream out;

    public Preview(Lake lake, Repository repository, Clock clock, PrintStream out) {
        this.lake = lake;
        this.repository = repository;
        this.clock = clock;
        this.out = out;
    }

    /**
     * Prints the newest rows with stamps in (from, to], oldest first.
     *
     * @param entity the join key's value, or {@code name=value} for each join key, joined by commas
     * @param limit how many rows at most
     */
    public void run(FeatureView view, String entity, @Nullable Instant from, @Nullable Instant to, int limit) {
        DataSource source = repository.dataSource(view.source());
        Column wanted = filter(view, entity);
        Interval interval = Compute.interval(view, from, to, clock);
        FeatureRows rows =
                new FeatureRows(view, source, lake.spark().sparkContext().longAccumulator());
        List<Row> newest =
                new ArrayList<>(rows.of(Compute.Input.of(lake, view, source).rows(), interval, wanted)
                        .drop(LakeLayout.DAY)
                        .orderBy(col(LakeLayout.EVENT_TIMESTAMP).desc())
                        .limit(limit)
                        .collectAsList());
        if (newest.isEmpty()) {
            out.println("View %s has no rows for %s%s.".formatted(view.name(), entity, within(from, to)));
            return;
        }
        Collections.reverse(newest);
        List<String> names =
                List.of(rows.schema().fieldNames()).subList(0, rows.schema().size() - 1);
        print(names, newest);
    }

    private static String within(@Nullable Instant from, @Nullable Instant to) {
        return (from == null ? "" : " after " + from) + (to == null ? "" : " up to " + to);
    }

    private static Column filter(FeatureView view, String entity) {
        Map<String, String> values = values(view, entity);
        Column filter = lit(true);
        for (Field key : view.entityColumns()) {
            String text = values.get(key.name());
            if (text == null || values.size() != view.entityColumns().size()) {
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "--entity %s does not name the join keys of view %s (expected: %s)"
                                .formatted(entity, view.name(), example(view)));
            }
            filter = filter.and(FeatureRows.quoted(key.name()).equalTo(lit(value(key, text))));
        }
        return filter;
    }

    private static Map<String, String> values(FeatureView view, String entity) {
        if (view.entityColumns().size() == 1
                && !entity.startsWith(view.entityColumns().get(0).name() + "=")) {
            return Map.of(view.entityColumns().get(0).name(), entity);
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String part : entity.split(",", -1)) {
            int equals = part.indexOf('=');
            values.put(
                    part.substring(0, Math.max(0, equals)).strip(),
                    part.substring(equals + 1).strip());
        }
        return values;
    }

    private static Object value(Field key, String text) {
        try {
            if (key.type() == ValueType.INT32) {
                return Integer.valueOf(text);
            }
            return key.type() == ValueType.INT64 ? (Object) Long.valueOf(text) : text;
        } catch (NumberFormatException e) {
            throw new LarderException(
                    ErrorCode.VALUE_TYPE_MISMATCH,
                    "--entity: '%s' is no %s, which join key %s is (expected: a number, or %s=<number>)"
                            .formatted(text, key.type().displayName(), key.name(), key.name()),
                    e);
        }
    }

    private static String example(FeatureView view) {
        List<String> parts = view.joinKeys().stream().map(name -> name + "=...").toList();
        return String.join(",", parts);
    }

    private void print(List<String> names, List<Row> rows) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(names);
        for (Row row : rows) {
            List<String> line = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                line.add(row.isNullAt(i) ? "null" : row.get(i).toString());
            }
            cells.add(line);
        }
        for (List<String> line : cells) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = cells.stream()
                        .mapToInt(l -> l.get(column).length())
                        .max()
                        .orElse(0);
                text.append("  ")
                        .append(line.get(i))
                        .append(" ".repeat(width - line.get(i).length()));
            }
            out.println(text.toString().stripTrailing());
        }
    }
}
