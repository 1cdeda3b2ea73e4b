package dev.larder.server.online;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.proto.serving.FieldStatus;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse.FeatureVector;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponseMetadata;
import dev.larder.feast.proto.types.Value;
import dev.larder.model.ValueType;
import dev.larder.onlinestore.OnlineStore.OnlineRow;
import dev.larder.onlinestore.ViewRows;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.server.metrics.ServerMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes are those that protobuf's own message objects would give. */
final class AnswerMessageTest {
    private static final long NOW = 1_700_000_000;
    private static final int TTL = 3_600;

    /** Lengths around which the length of a length changes. */
    private static final int[] LENGTHS = {1, 7, 125, 126, 127, 128, 300, 16_380, 16_384};

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20261121})
    void agreesWithMessageObjects(long seed) throws InvalidProtocolBufferException {
        Random random = new Random(seed);
        int rows = random.nextInt(1, 200);
        List<@Nullable Object> drivers = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            drivers.add((long) random.nextInt(50));
        }
        ReadPlan plan = plan(random);
        EntityRows entities = EntityRows.of(Map.of("driver_id", drivers), plan, rows);
        List<ViewRows> stored = plan.views().stream()
                .map(view -> stored(
                        random,
                        entities.keys(view.keys()).distinct().size(),
                        view.features().size()))
                .toList();
        for (Mode mode : Mode.values()) {
            for (boolean flag : new boolean[] {true, false}) {
                StatusRule rule = new StatusRule(mode, NOW);
                assertThat(AnswerMessage.of(plan, entities, stored, rule, flag, flag))
                        .as("seed %d, mode %s, %s", seed, mode, flag)
                        .isEqualTo(expected(plan, entities, stored, rule, drivers, flag)
                                .toByteArray());
            }
        }
    }

    private static ReadPlan plan(Random random) {
        List<ReadPlan.View> views = new ArrayList<>();
        List<String> names = new ArrayList<>();
        int count = random.nextInt(1, 4);
        for (int i = 0; i < count; i++) {
            List<String> features = new ArrayList<>();
            int width = random.nextInt(1, 5);
            for (int j = 0; j < width; j++) {
                features.add("é" + "x".repeat(random.nextInt(200)) + j);
                names.add("view" + i + ":" + features.get(j));
            }
            views.add(new ReadPlan.View(
                    "view" + i,
                    features,
                    new KeyColumns(List.of(new ReadPlan.Key("driver_id", "driver_id")), 3),
                    i % 2 == 0 ? TTL : 0));
        }
        return new ReadPlan(
                views,
                names,
                new byte[0],
                Map.of("driver_id", ValueType.INT64),
                Map.of(),
                new ServerMetrics("/get-online-features")
                        .reads()
                        .plan(
                                names.size(),
                                views.stream().map(ReadPlan.View::name).toList()));
    }

    private static ViewRows stored(Random random, int count, int features) {
        List<@Nullable OnlineRow> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            if (random.nextInt(4) == 0) {
                rows.add(null);
                continue;
            }
            byte @Nullable [][] values = new byte[features][];
            for (int feature = 0; feature < features; feature++) {
                values[feature] = value(random);
            }
            rows.add(new OnlineRow(eventSeconds(random), random.nextInt(3) * 333_333_333, values));
        }
        return new GivenRows(rows, features);
    }

    private static byte @Nullable [] value(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> null;
            case 1 -> ValueCodec.nullValue();
            case 2 -> ValueCodec.unixTimestamp(Long.MIN_VALUE);
            case 3 -> ValueCodec.int64(random.nextLong());
            default -> ValueCodec.string("x".repeat(LENGTHS[random.nextInt(LENGTHS.length)]));
        };
    }

    private static long eventSeconds(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> -5;
            case 2 -> NOW - TTL;
            default -> NOW - TTL - 1;
        };
    }

    private static GetOnlineFeaturesResponse expected(
            ReadPlan plan,
            EntityRows entities,
            List<ViewRows> stored,
            StatusRule rule,
            List<@Nullable Object> drivers,
            boolean keysAndMetadata)
            throws InvalidProtocolBufferException {
        GetOnlineFeaturesResponse.Builder answer = GetOnlineFeaturesResponse.newBuilder();
        GetOnlineFeaturesResponseMetadata.Builder metadata = answer.getMetadataBuilder();
        if (keysAndMetadata) {
            metadata.getFeatureNamesBuilder().addVal("driver_id");
            FeatureVector.Builder keys = answer.addResultsBuilder();
            for (Object driver : drivers) {
                keys.addValues(Value.newBuilder().setInt64Val((Long) driver));
                keys.addStatuses(FieldStatus.PRESENT);
                keys.addEventTimestamps(Timestamp.getDefaultInstance());
            }
            plan.views()
                    .forEach(view -> metadata.addFeatureViewMetadataBuilder().setName(view.name()));
        }
        plan.names().forEach(name -> metadata.getFeatureNamesBuilder().addVal(name));
        for (int i = 0; i < stored.size(); i++) {
            ReadPlan.View view = plan.views().get(i);
            for (int feature = 0; feature < view.features().size(); feature++) {
                FeatureVector.Builder vector = answer.addResultsBuilder();
                for (int position : entities.keys(view.keys()).positions()) {
                    OnlineRow row = stored.get(i).rows().get(position);
                    byte[] value = row == null ? null : row.values()[feature];
                    vector.addValues(
                            value == null || StoredNull.is(value, 0, value.length)
                                    ? Value.getDefaultInstance()
                                    : Value.parseFrom(value));
                    vector.addStatusesValue(rule.status(stored.get(i), position, feature, view.ttlSeconds()));
                    vector.addEventTimestamps(
                            row == null
                                    ? Timestamp.getDefaultInstance()
                                    : Timestamp.newBuilder()
                                            .setSeconds(row.eventSeconds())
                                            .setNanos(row.eventNanos())
                                            .build());
                }
            }
        }
        return answer.build();
    }

    /** Rows that are there as objects, each value in the middle of a buffer of its own. */
    private record GivenRows(List<@Nullable OnlineRow> given, int width) implements ViewRows {
        private static final int BEFORE = 3;

        @Override
        public List<@Nullable OnlineRow> rows() {
            return given;
        }

        @Override
        public int size() {
            return given.size();
        }

        @Override
        public boolean isFound(int row) {
            return given.get(row) != null;
        }

        @Override
        public long eventSeconds(int row) {
            return row(row).eventSeconds();
        }

        @Override
        public int eventNanos(int row) {
            return row(row).eventNanos();
        }

        @Override
        public int start(int row, int feature) {
            return row(row).values()[feature] == null ? -1 : BEFORE;
        }

        @Override
        public int length(int row, int feature) {
            return Objects.requireNonNull(row(row).values()[feature]).length;
        }

        @Override
        public byte[] buffer(int row, int feature) {
            byte[] buffer = new byte[BEFORE + length(row, feature) + 1];
            System.arraycopy(
                    Objects.requireNonNull(row(row).values()[feature]), 0, buffer, BEFORE, length(row, feature));
            return buffer;
        }

        private OnlineRow row(int row) {
            return Objects.requireNonNull(given.get(row));
        }
    }
}
