package dev.larder.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.larder.feast.proto.serving.FeatureList;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.types.Int64List;
import dev.larder.feast.proto.types.Null;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import dev.larder.server.online.OnlineRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RequestReaderTest {
    private static final int INPUTS = 20_000;

    @Test
    void readsEveryField() throws IOException {
        OnlineRequest request = RequestReader.read(GetOnlineFeaturesRequest.newBuilder()
                .setFeatures(FeatureList.newBuilder().addVal("a:x").addVal("ü:y"))
                .putEntities("id", column(Value.newBuilder().setInt64Val(-1)))
                .putRequestContext("amount", column(Value.newBuilder().setDoubleVal(1.5)))
                .setFullFeatureNames(true)
                .setIncludeFeatureViewVersionMetadata(true)
                .build()
                .toByteArray());
        assertThat(request)
                .isEqualTo(new OnlineRequest(
                        Map.of("id", List.of(-1L), "amount", List.of(1.5)), null, List.of("a:x", "ü:y"), true, true));
        assertThat(request.entities().keySet()).containsExactly("id", "amount");
    }

    @Test
    void readsEveryScalarAsJsonWouldGiveIt() throws IOException {
        byte[] bytes = {0, -1};
        Map<String, List<@Nullable Object>> columns = RequestReader.read(GetOnlineFeaturesRequest.newBuilder()
                        .putEntities(
                                "k",
                                column(
                                        Value.newBuilder().setStringVal("é"),
                                        Value.newBuilder().setInt32Val(-7),
                                        Value.newBuilder().setInt64Val(Long.MIN_VALUE),
                                        Value.newBuilder().setUnixTimestampVal(9),
                                        Value.newBuilder().setFloatVal(0.5f),
                                        Value.newBuilder().setDoubleVal(0.25),
                                        Value.newBuilder().setBoolVal(true),
                                        Value.newBuilder().setJsonVal("{}"),
                                        Value.newBuilder().setUuidVal("u"),
                                        Value.newBuilder().setTimeUuidVal("t"),
                                        Value.newBuilder().setDecimalVal("1.50"),
                                        Value.newBuilder().setNullVal(Null.NULL),
                                        Value.newBuilder(),
                                        Value.newBuilder().setBytesVal(ByteString.copyFrom(bytes)),
                                        Value.newBuilder().setInt64ListVal(Int64List.getDefaultInstance())))
                        .build()
                        .toByteArray())
                .entities();
        List<@Nullable Object> values = Objects.requireNonNull(columns.get("k"));
        assertThat(values.subList(0, 13))
                .containsExactly("é", -7, Long.MIN_VALUE, 9L, 0.5f, 0.25, true, "{}", "u", "t", "1.50", null, null);
        assertThat((byte[]) values.get(13)).isEqualTo(bytes);
        assertThat(values.get(14)).hasToString("a int64_list_val");
    }

    @Test
    void theLastOfServiceAndFeaturesCounts() throws IOException {
        byte[] service = GetOnlineFeaturesRequest.newBuilder()
                .setFeatureService("s")
                .build()
                .toByteArray();
        byte[] features = GetOnlineFeaturesRequest.newBuilder()
                .setFeatures(FeatureList.newBuilder().addVal("a:x"))
                .build()
                .toByteArray();
        assertThat(RequestReader.read(joined(service, features))).satisfies(request -> {
            assertThat(request.featureService()).isNull();
            assertThat(request.features()).containsExactly("a:x");
        });
        assertThat(RequestReader.read(joined(features, service))).satisfies(request -> {
            assertThat(request.featureService()).isEqualTo("s");
            assertThat(request.features()).isEmpty();
        });
    }

    @Test
    void whatItDoesNotKnowIsPassedOver() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(message);
        out.writeString(99, "later");
        out.writeInt64(98, 1);
        // Of another wire type than the field's: unknown too.
        out.writeInt64(1, 7);
        out.writeString(1, "s");
        out.flush();
        assertThat(RequestReader.read(message.toByteArray()).featureService()).isEqualTo("s");
    }

    /** Damaged requests are read as protobuf reads them, or refused where protobuf refuses them. */
    @Test
    void damageIsNeverMoreThanAnInvalidMessage() {
        Random random = new Random(20261121);
        byte[] whole = GetOnlineFeaturesRequest.newBuilder()
                .setFeatures(FeatureList.newBuilder().addVal("driver:score"))
                .putEntities(
                        "driver_id",
                        column(
                                Value.newBuilder().setInt64Val(1),
                                Value.newBuilder().setStringVal("x")))
                .setFullFeatureNames(true)
                .build()
                .toByteArray();
        int refused = 0;
        for (int i = 0; i < INPUTS; i++) {
            byte[] damaged = i % 2 == 0 ? whole.clone() : new byte[random.nextInt(64)];
            if (i % 2 != 0) {
                random.nextBytes(damaged);
            }
            for (int changes = random.nextInt(4); changes > 0 && damaged.length > 0; changes--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            refused += checkAgainstProtobuf(damaged);
        }
        assertThat(refused).isBetween(INPUTS / 10, INPUTS - INPUTS / 10);
    }

    private static int checkAgainstProtobuf(byte[] message) {
        GetOnlineFeaturesRequest expected;
        try {
            expected = GetOnlineFeaturesRequest.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            // Lists are passed over here, so their content is not looked at.
            try {
                RequestReader.read(message);
                return 0;
            } catch (IOException refused) {
                return 1;
            }
        }
        try {
            OnlineRequest read = RequestReader.read(message);
            assertThat(read.featureService())
                    .isEqualTo(expected.hasFeatureService() ? expected.getFeatureService() : null);
            // Features before a service are forgotten here, while protobuf's Java remembers them when more follow.
            assertThat(expected.getFeatures().getValList())
                    .endsWith(read.features().toArray(String[]::new));
            assertThat(read.fullFeatureNames()).isEqualTo(expected.getFullFeatureNames());
            assertThat(read.entities().keySet())
                    .containsAll(expected.getEntitiesMap().keySet());
        } catch (IOException e) {
            throw new AssertionError(expected + " was refused", e);
        }
        return 0;
    }

    @Test
    void aDeepValueIsNoDeepCall() throws IOException {
        byte[] value = Value.newBuilder().setInt64Val(1).build().toByteArray();
        for (int depth = 0; depth < 10_000; depth++) {
            value = delimited(42, delimited(1, value));
        }
        byte[] message = delimited(3, joined(delimited(1, new byte[] {'k'}), delimited(2, delimited(1, value))));
        assertThat(RequestReader.read(message).entities().get("k"))
                .hasSize(1)
                .first()
                .hasToString("a list_val");
    }

    @Test
    void textThatIsNoUtf8IsRefused() {
        byte[] message = delimited(1, new byte[] {(byte) 0xff});
        assertThatThrownBy(() -> RequestReader.read(message)).isInstanceOf(InvalidProtocolBufferException.class);
    }

    private static RepeatedValue column(Value.Builder... values) {
        RepeatedValue.Builder column = RepeatedValue.newBuilder();
        for (Value.Builder value : values) {
            column.addVal(value);
        }
        return column.build();
    }

    private static byte[] delimited(int field, byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeByteArray(field, content);
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
