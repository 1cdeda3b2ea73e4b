package dev.larder.server.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.larder.feast.proto.serving.FeatureList;
import dev.larder.feast.proto.serving.GetFeastServingInfoRequest;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.serving.PushRequest;
import dev.larder.feast.proto.serving.WriteToOnlineStoreRequest;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.reflection.v1.ServerReflectionRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Calls with random messages, well-formed and not, in frames that are and are not; the same number gives the same call. */
final class GrpcInputs {
    private static final Map<String, Descriptor> METHODS = Map.of(
            "/feast.serving.ServingService/GetOnlineFeatures", GetOnlineFeaturesRequest.getDescriptor(),
            "/feast.serving.ServingService/GetFeastServingInfo", GetFeastServingInfoRequest.getDescriptor(),
            "/GrpcFeatureServer/GetOnlineFeatures", GetOnlineFeaturesRequest.getDescriptor(),
            "/GrpcFeatureServer/Push", PushRequest.getDescriptor(),
            "/GrpcFeatureServer/WriteToOnlineStore", WriteToOnlineStoreRequest.getDescriptor(),
            "/grpc.health.v1.Health/Check", HealthCheckRequest.getDescriptor(),
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", ServerReflectionRequest.getDescriptor());
    /** Reads and writes are most of it. */
    private static final List<String> PATHS = List.of(
            "/feast.serving.ServingService/GetOnlineFeatures",
            "/feast.serving.ServingService/GetOnlineFeatures",
            "/GrpcFeatureServer/GetOnlineFeatures",
            "/GrpcFeatureServer/GetOnlineFeatures",
            "/GrpcFeatureServer/Push",
            "/GrpcFeatureServer/Push",
            "/GrpcFeatureServer/WriteToOnlineStore",
            "/GrpcFeatureServer/WriteToOnlineStore",
            "/feast.serving.ServingService/GetFeastServingInfo",
            "/grpc.health.v1.Health/Check",
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");

    private static final List<String> WRONG_PATHS = List.of(
            "/GrpcFeatureServer/Pull",
            "/GrpcFeatureServer/",
            "/GrpcFeatureServer",
            "/",
            "//",
            "/feast.serving.ServingService/\u00e9",
            "/x".repeat(2000),
            "/GrpcFeatureServer/Push?x=1",
            "/grpcfeatureserver/push");
    private static final List<List<String>> WRONG_HEADERS = List.of(
            List.of("content-type", "application/json"),
            List.of(),
            List.of("content-type", "application/grpc+json"),
            List.of("content-type", "application/grpc", "grpc-timeout", "abc"),
            List.of("content-type", "application/grpc", "grpc-timeout", "-1S"),
            List.of("content-type", "application/grpc", "grpc-timeout", "999999999999999H"),
            List.of("content-type", "application/grpc", "grpc-timeout", "1n"),
            List.of("content-type", "application/grpc", "grpc-encoding", "nope"),
            List.of("content-type", "application/grpc", "x-bin", "!!!"),
            List.of("content-type", "application/grpc", "grpc-trace-bin", "AAAA====", "grpc-tags-bin", ""),
            List.of("content-type", "application/grpc", "grpc-accept-encoding", ",,,;gzip"),
            List.of("content-type", "application/grpc", "x", "y".repeat(20_000)));
    private static final int DEEPEST_MESSAGE = 6;

    private final long seed;
    /** Views, features, join keys. */
    private final List<String> names;

    GrpcInputs(long seed, List<String> names) {
        this.seed = seed;
        this.names = List.copyOf(names);
    }

    GrpcInput get(long number) {
        Random random = Inputs.random(seed, number);
        String path = PATHS.get(random.nextInt(PATHS.size()));
        byte[] message = random.nextInt(5) < 2
                ? sensible(random, path)
                : message(random, METHODS.getOrDefault(path, PushRequest.getDescriptor()), 0)
                        .toByteArray();
        List<String> headers = List.of("te", "trailers", "content-type", "application/grpc");
        int kind = random.nextInt(100);
        if (kind < 55) {
            return new GrpcInput("POST", path, headers, List.of(framed(0, message)), false, false);
        } else if (kind < 80) {
            return new GrpcInput("POST", path, headers, List.of(framed(0, changed(random, message))), false, false);
        } else if (kind < 84) {
            return new GrpcInput("POST", path, headers, List.of(framed(0, nested(random))), false, false);
        } else if (kind < 88) {
            String wrong = WRONG_PATHS.get(random.nextInt(WRONG_PATHS.size()));
            return new GrpcInput("POST", wrong, headers, List.of(framed(0, message)), false, true);
        } else if (kind < 92) {
            List<String> wrong = WRONG_HEADERS.get(random.nextInt(WRONG_HEADERS.size()));
            String method = random.nextInt(4) == 0 ? "GET" : "POST";
            return new GrpcInput(method, path, wrong, List.of(framed(0, message)), false, true);
        }
        return new GrpcInput(
                "POST", path, packing(random, headers), frames(random, message), random.nextInt(6) == 0, true);
    }

    private static List<String> packing(Random random, List<String> headers) {
        List<String> packed = new ArrayList<>(headers);
        if (random.nextBoolean()) {
            packed.addAll(List.of("grpc-encoding", "gzip"));
        }
        return packed;
    }

    // ---- messages --------------------------------------------------------------------------------------------------

    /** What reaches the store, as chance alone would seldom do. */
    private byte[] sensible(Random random, String path) {
        Value driver = Value.newBuilder()
                .setInt64Val(random.nextBoolean() ? 1001 : Odd.integer(random))
                .build();
        Value time = Value.newBuilder()
                .setUnixTimestampVal(random.nextBoolean() ? 1_717_200_000 : Odd.integer(random))
                .build();
        Value score = Value.newBuilder()
                .setDoubleVal(random.nextBoolean() ? 0.5 : Double.longBitsToDouble(random.nextLong()))
                .build();
        if (path.endsWith("/Push")) {
            return PushRequest.newBuilder()
                    .setStreamFeatureView("driver_push")
                    .putTypedFeatures("driver_id", driver)
                    .putTypedFeatures("event_timestamp", time)
                    .putTypedFeatures("score", score)
                    .build()
                    .toByteArray();
        } else if (path.endsWith("/WriteToOnlineStore")) {
            return WriteToOnlineStoreRequest.newBuilder()
                    .setFeatureViewName("driver_stale")
                    .setAllowRegistryCache(random.nextBoolean())
                    .putTypedFeatures("driver_id", driver)
                    .putTypedFeatures("event_timestamp", time)
                    .putTypedFeatures("score", score)
                    .build()
                    .toByteArray();
        } else if (path.endsWith("/GetOnlineFeatures")) {
            return GetOnlineFeaturesRequest.newBuilder()
                    .setFeatures(FeatureList.newBuilder().addVal("driver_stale:score"))
                    .putEntities(
                            "driver_id",
                            RepeatedValue.newBuilder().addVal(driver).build())
                    .setFullFeatureNames(random.nextBoolean())
                    .build()
                    .toByteArray();
        }
        return new byte[0];
    }

    private DynamicMessage message(Random random, Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if ((random.nextInt(depth < 2 ? 3 : 6) == 0 && type.getFields().size() > 2) || depth > DEEPEST_MESSAGE) {
                continue;
            }
            if (field.getContainingOneof() != null
                    && random.nextInt(field.getContainingOneof().getFieldCount()) > 0) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    message.addRepeatedField(field, value(random, field, depth));
                }
            } else {
                message.setField(field, value(random, field, depth));
            }
        }
        return message.build();
    }

    private Object value(Random random, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> (int) Odd.integer(random);
            case LONG -> Odd.integer(random);
            case FLOAT -> Float.intBitsToFloat(random.nextInt());
            case DOUBLE -> Double.longBitsToDouble(random.nextLong());
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text(random);
            case BYTE_STRING -> ByteString.copyFrom(noise(random, 20));
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(random.nextInt(4) - 1);
            case MESSAGE -> message(random, field.getMessageType(), depth + 1);
        };
    }

    /** What protobuf can hold: no half of a surrogate pair. */
    private String text(Random random) {
        if (random.nextInt(4) > 0) {
            return names.get(random.nextInt(names.size()));
        }
        return new String(Odd.text(random).getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private static byte[] changed(Random random, byte[] message) {
        if (message.length == 0 || random.nextInt(8) == 0) {
            return noise(random, 400);
        }
        byte[] changed = message.clone();
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(changed, random.nextInt(changed.length)) : changed;
    }

    private static byte[] noise(Random random, int longest) {
        byte[] noise = new byte[random.nextInt(longest)];
        random.nextBytes(noise);
        return noise;
    }

    /** Groups in groups, which a parser reads by calling itself; or messages in messages. */
    private static byte[] nested(Random random) {
        int depth = new int[] {5, 99, 101, 5_000, 500_000}[random.nextInt(5)];
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int field = 1 + random.nextInt(12);
        if (random.nextBoolean()) {
            for (int i = 0; i < depth; i++) {
                bytes.write(field << 3 | 3);
            }
            return bytes.toByteArray();
        }
        int size = Math.min(depth, 3_000);
        byte[] inner = new byte[0];
        for (int i = 0; i < Math.min(size, 400); i++) {
            inner = wrapped(field, inner);
        }
        return inner;
    }

    private static byte[] wrapped(int field, byte[] inner) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeByteArray(field, inner);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    // ---- frames ----------------------------------------------------------------------------------------------------

    private static byte[] framed(int flag, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) flag)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static List<byte[]> frames(Random random, byte[] message) {
        byte[] whole = framed(0, message);
        return switch (random.nextInt(9)) {
            case 0 -> List.of();
            case 1 -> List.of(framed(1, message));
            case 2 -> List.of(framed(2 + random.nextInt(254), message));
            case 3 -> List.of(Arrays.copyOf(whole, random.nextInt(whole.length)));
            case 4 -> List.of(whole, whole);
            case 5 -> List.of(whole, noise(random, 30));
            case 6 -> {
                ByteBuffer.wrap(whole).putInt(1, random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt());
                yield List.of(whole);
            }
            case 7 -> {
                List<byte[]> bytes = new ArrayList<>();
                for (byte each : Arrays.copyOf(whole, Math.min(whole.length, 100))) {
                    bytes.add(new byte[] {each});
                }
                yield bytes;
            }
            default -> List.of(noise(random, 300));
        };
    }
}
