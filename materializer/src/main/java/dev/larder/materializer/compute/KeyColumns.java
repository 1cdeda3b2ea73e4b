package dev.larder.materializer.compute;

import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.ValueType;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Reads a view's join keys, which begin at a fixed column of a row, as their declared types. */
final class KeyColumns implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int first;
    private final ValueType[] types;

    KeyColumns(FeatureView view, int first) {
        this.first = first;
        types = view.entityColumns().stream().map(Field::type).toArray(ValueType[]::new);
    }

    int end() {
        return first + types.length;
    }

    Entity read(Row row) {
        @Nullable Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            values[i] = Values.convert(row.get(first + i), types[i]);
        }
        return new Entity(Arrays.asList(values));
    }

    /** Values of the join keys; of an entity only if none is null. */
    record Entity(List<@Nullable Object> values) implements Serializable {
        boolean isComplete() {
            return !values.contains(null);
        }
    }
}
