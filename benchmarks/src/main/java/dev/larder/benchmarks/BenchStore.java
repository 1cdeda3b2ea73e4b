package dev.larder.benchmarks;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.feast.ValueCodec;
import dev.larder.model.Entity;
import dev.larder.model.EntityKey;
import dev.larder.model.FeatureValue;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.Repository;
import dev.larder.model.ValueType;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.server.online.OnlineRequest;
import dev.larder.server.online.ServedDefinitions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The load generator's data: 25 views of ten features; feature j of key e is (7e + 13j) mod 10000. */
public final class BenchStore {
    public static final Instant TIME = Instant.parse("2026-11-21T00:00:00Z");
    public static final int KEYS = 1_000;

    private static final int VIEWS = 25;
    private static final int FEATURES = 10;
    private static final int VERSION = 3;

    private BenchStore() {}

    public static ServedDefinitions definitions() {
        List<FeatureView> views = new ArrayList<>();
        for (int view = 0; view < VIEWS; view++) {
            List<Field> features = features(view).stream()
                    .map(name -> new Field(name, ValueType.INT64))
                    .toList();
            views.add(new FeatureView(
                    "feature_view_" + view,
                    List.of("entity"),
                    List.of(new Field("entity", ValueType.INT64)),
                    features,
                    Duration.ZERO,
                    true,
                    "",
                    null,
                    "",
                    Map.of(),
                    ""));
        }
        Entity entity = new Entity("entity", "entity", ValueType.INT64, "", Map.of(), "");
        return new ServedDefinitions(
                new Repository("bench", List.of(entity), List.of(), views, List.of()), Set.of(), Set.of());
    }

    /** Writes all keys. */
    public static void fill(OnlineStore store) {
        List<FeatureView> views = definitions().repository().featureViews();
        store.prepare(views);
        for (int view = 0; view < VIEWS; view++) {
            List<OnlineWrite> rows = new ArrayList<>();
            for (int key = 0; key < KEYS; key++) {
                byte[][] values = new byte[FEATURES][];
                for (int feature = 0; feature < FEATURES; feature++) {
                    values[feature] = ValueCodec.int64((7L * key + 13L * (view * FEATURES + feature)) % 10_000);
                }
                rows.add(new OnlineWrite(key(key), TIME, 0, values));
            }
            store.put(views.get(view).name(), features(view), rows);
        }
    }

    public static byte[] key(long entity) {
        return EntityKeyCodec.encode(EntityKey.of("entity", FeatureValue.of(entity)), VERSION);
    }

    /** Asks for the first features of the first keys. */
    public static OnlineRequest request(Shape shape) {
        List<@Nullable Object> keys = new ArrayList<>();
        for (int row = 0; row < shape.rows(); row++) {
            keys.add((long) row);
        }
        List<String> features = new ArrayList<>();
        for (int feature = 0; feature < shape.features(); feature++) {
            features.add("feature_view_%d:feature_%d".formatted(feature / FEATURES, feature));
        }
        return new OnlineRequest(Map.of("entity", keys), null, features, false, false);
    }

    private static List<String> features(int view) {
        List<String> names = new ArrayList<>();
        for (int feature = 0; feature < FEATURES; feature++) {
            names.add("feature_" + (view * FEATURES + feature));
        }
        return names;
    }

    /** How much is asked for. */
    public record Shape(int rows, int features) {
        /** @param text for example {@code 100x250} */
        public static Shape of(String text) {
            String[] parts = text.split("x", -1);
            return new Shape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }

        public int values() {
            return rows * features;
        }
    }
}
