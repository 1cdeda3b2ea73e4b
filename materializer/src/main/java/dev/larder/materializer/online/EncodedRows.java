package dev.larder.materializer.online;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.materializer.lake.Micros;
import dev.larder.model.EntityKey;
import dev.larder.model.FeatureValue;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.ValueType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Feature rows as the online store keeps them. In: join keys, event time, created, features. Out: the encoded entity key,
 * event time and version in microseconds, and one serialized value per feature.
 */
final class EncodedRows implements MapPartitionsFunction<Row, Row> {
    static final String KEY = "key";
    static final String TIME = "time";
    static final String VERSION = "version";
    static final String VALUES = "values";
    static final StructType SCHEMA = new StructType()
            .add(KEY, DataTypes.BinaryType)
            .add(TIME, DataTypes.LongType)
            .add(VERSION, DataTypes.LongType)
            .add(VALUES, DataTypes.createArrayType(DataTypes.BinaryType));
    private static final long serialVersionUID = 1L;

    private final int entityKeyVersion;
    private final String[] keys;
    private final ValueType[] keyTypes;
    private final ValueType[] features;

    /** @param features those of the view, or none if only keys and times matter */
    EncodedRows(FeatureView view, List<Field> features, int entityKeyVersion) {
        this.entityKeyVersion = entityKeyVersion;
        this.keys = view.joinKeys().toArray(String[]::new);
        this.keyTypes = view.entityColumns().stream().map(Field::type).toArray(ValueType[]::new);
        this.features = features.stream().map(Field::type).toArray(ValueType[]::new);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return StreamSupport.stream(((Iterable<Row>) () -> rows).spliterator(), false)
                .map(this::encode)
                .iterator();
    }

    private Row encode(Row row) {
        int time = keys.length;
        byte[][] values = new byte[features.length][];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(row.get(time + 2 + i), features[i]);
        }
        return RowFactory.create(
                key(row), Micros.of((Instant) row.get(time)), Micros.of((Instant) row.get(time + 1)), values);
    }

    private byte[] key(Row row) {
        if (keys.length == 0) {
            return EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, entityKeyVersion);
        }
        List<EntityKey.JoinKey> joinKeys = new ArrayList<>();
        for (int i = 0; i < keys.length; i++) {
            Object value = row.get(i);
            joinKeys.add(new EntityKey.JoinKey(
                    keys[i],
                    switch (keyTypes[i]) {
                        case INT32 -> new FeatureValue.Int32((Integer) value);
                        case INT64 -> new FeatureValue.Int64((Long) value);
                        default -> FeatureValue.of((String) value);
                    }));
        }
        return EntityKeyCodec.encode(new EntityKey(joinKeys), entityKeyVersion);
    }

    private static byte[] value(@Nullable Object value, ValueType type) {
        if (value == null) {
            return ValueCodec.nullValue();
        }
        return switch (type) {
            case INT32 -> ValueCodec.int32((Integer) value);
            case INT64 -> ValueCodec.int64((Long) value);
            case FLOAT -> ValueCodec.float32((Float) value);
            case DOUBLE -> ValueCodec.float64((Double) value);
            case BOOL -> ValueCodec.bool((Boolean) value);
            case STRING -> ValueCodec.string((String) value);
            case BYTES -> ValueCodec.bytes((byte[]) value);
            case UNIX_TIMESTAMP -> ValueCodec.unixTimestamp(((Instant) value).getEpochSecond());
            default -> ValueCodec.encode(new FeatureValue.Text(type, (String) value));
        };
    }
}
