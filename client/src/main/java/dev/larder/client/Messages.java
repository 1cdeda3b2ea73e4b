package dev.larder.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.larder.client.FeatureClientException.Reason;
import dev.larder.feast.ValueCodec;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.serving.PushRequest;
import dev.larder.feast.proto.serving.WriteToOnlineStoreRequest;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import dev.larder.model.FeatureValue;
import dev.larder.model.LarderException;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is sent to a server, and the methods that it is sent to; messages travel as bytes. */
final class Messages {
    static final String FEATURE_SERVER = "GrpcFeatureServer";
    static final String SERVING_SERVICE = "feast.serving.ServingService";
    static final String GET_ONLINE_FEATURES = "GetOnlineFeatures";

    private Messages() {}

    static MethodDescriptor<byte[], byte[]> method(String service, String name) {
        return MethodDescriptor.newBuilder(Bytes.INSTANCE, Bytes.INSTANCE)
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
                .build();
    }

    static byte[] getOnlineFeatures(FeatureRequest request) {
        GetOnlineFeaturesRequest.Builder message =
                GetOnlineFeaturesRequest.newBuilder().setFullFeatureNames(request.fullFeatureNames());
        String service = request.featureService();
        if (service == null) {
            request.features().forEach(feature -> message.getFeaturesBuilder().addVal(feature.toString()));
        } else {
            message.setFeatureService(service);
        }
        request.columns().forEach((name, values) -> message.putEntities(name, column(name, values)));
        return message.build().toByteArray();
    }

    static byte[] push(String pushSource, OnlineRow row) {
        return PushRequest.newBuilder()
                .setStreamFeatureView(pushSource)
                .setTo("online")
                .setAllowRegistryCache(true)
                .putAllTypedFeatures(columns(row))
                .build()
                .toByteArray();
    }

    static byte[] write(String featureView, OnlineRow row) {
        return WriteToOnlineStoreRequest.newBuilder()
                .setFeatureViewName(featureView)
                .setAllowRegistryCache(true)
                .putAllTypedFeatures(columns(row))
                .build()
                .toByteArray();
    }

    private static RepeatedValue column(String name, List<FeatureValue> values) {
        RepeatedValue.Builder column = RepeatedValue.newBuilder();
        values.forEach(value -> column.addVal(message(name, value)));
        return column.build();
    }

    private static Map<String, Value> columns(OnlineRow row) {
        Map<String, Value> columns = new HashMap<>();
        row.columns().forEach((name, value) -> columns.put(name, message(name, value)));
        return columns;
    }

    private static Value message(String column, FeatureValue value) {
        try {
            return Value.parseFrom(ValueCodec.encode(value));
        } catch (LarderException | InvalidProtocolBufferException e) {
            throw new FeatureClientException(
                    Reason.INVALID_REQUEST, "Column %s: %s".formatted(column, e.getMessage()), e);
        }
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream message) {
            try {
                return message.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
