package dev.larder.server.online;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.EntityKeyEncoder;
import dev.larder.model.FeatureValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The columns that hold the join keys of views, and what makes entity keys of them. Equal if the columns are. */
final class KeyColumns {
    private final List<ReadPlan.Key> columns;
    private final EntityKeyEncoder encoder;
    private final byte[] entityless;
    private final int hash;

    /**
     * @param columns none for views without entities
     * @param version {@code entity_key_serialization_version}
     */
    KeyColumns(List<ReadPlan.Key> columns, int version) {
        this.columns = List.copyOf(columns);
        this.encoder =
                new EntityKeyEncoder(columns.stream().map(ReadPlan.Key::joinKey).toList(), version);
        this.entityless = EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, version);
        this.hash = this.columns.hashCode();
    }

    List<ReadPlan.Key> columns() {
        return columns;
    }

    /**
     * Encodes the key of each row.
     *
     * @param values of each column, row by row
     */
    EntityRows.Keys encode(FeatureValue[][] values, int count) {
        int[] positions = new int[count];
        if (columns.isEmpty()) {
            return new EntityRows.Keys(List.of(entityless), positions);
        }
        DistinctKeys distinct = new DistinctKeys(count, encoder.prefixLength());
        FeatureValue[] entity = new FeatureValue[values.length];
        for (int row = 0; row < count; row++) {
            for (int i = 0; i < entity.length; i++) {
                entity[i] = values[i][row];
            }
            positions[row] = distinct.add(encoder.encode(entity));
        }
        return new EntityRows.Keys(distinct.keys(), positions);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || (other instanceof KeyColumns keys && columns.equals(keys.columns));
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
