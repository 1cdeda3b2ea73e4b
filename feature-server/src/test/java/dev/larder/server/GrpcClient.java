package dev.larder.server;

import dev.larder.feast.proto.serving.FeatureList;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse.FeatureVector;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A gRPC client that sends and receives bytes, as whoever reads the wire sees them. */
final class GrpcClient implements AutoCloseable {
    static final String SERVING_SERVICE = "feast.serving.ServingService";
    static final String PYTHON_SERVER = "GrpcFeatureServer";

    private final ManagedChannel channel;

    GrpcClient(ManagedChannel channel) {
        this.channel = channel;
    }

    static GrpcClient of(TestServer server) {
        return new GrpcClient(NettyChannelBuilder.forTarget(server.grpcAddress())
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build());
    }

    Channel channel() {
        return channel;
    }

    /** @param method with its service, such as {@code GrpcFeatureServer/Push} */
    byte[] call(String method, byte[] request) {
        return call(method, request, CallOptions.DEFAULT);
    }

    byte[] call(String method, byte[] request, CallOptions options) {
        return ClientCalls.blockingUnaryCall(
                channel, method(method), options.withDeadlineAfter(30, TimeUnit.SECONDS), request);
    }

    static MethodDescriptor<byte[], byte[]> method(String method) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setType(MethodType.UNARY)
                .setFullMethodName(method)
                .build();
    }

    GetOnlineFeaturesResponse ask(String service, GetOnlineFeaturesRequest request) {
        try {
            return GetOnlineFeaturesResponse.parseFrom(call(service + "/GetOnlineFeatures", request.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The status that a request is refused with. */
    Status refusal(String service, GetOnlineFeaturesRequest request) {
        return refusal(service + "/GetOnlineFeatures", request.toByteArray());
    }

    Status refusal(String method, byte[] request) {
        try {
            call(method, request);
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
        throw new AssertionError(method + " was answered");
    }

    static GetOnlineFeaturesRequest.Builder features(String... references) {
        return GetOnlineFeaturesRequest.newBuilder()
                .setFeatures(FeatureList.newBuilder().addAllVal(Arrays.asList(references)));
    }

    static RepeatedValue column(Value... values) {
        return RepeatedValue.newBuilder().addAllVal(Arrays.asList(values)).build();
    }

    static RepeatedValue int64(long... values) {
        return column(Arrays.stream(values)
                .mapToObj(value -> Value.newBuilder().setInt64Val(value).build())
                .toArray(Value[]::new));
    }

    static Value text(String value) {
        return Value.newBuilder().setStringVal(value).build();
    }

    static FeatureVector vector(GetOnlineFeaturesResponse answer, String feature) {
        List<String> names = answer.getMetadata().getFeatureNames().getValList();
        return answer.getResults(names.indexOf(feature));
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static final class Bytes implements Marshaller<byte[]> {
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
