package dev.larder.server.endurance;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.larder.feast.proto.serving.FeatureList;
import dev.larder.feast.proto.serving.GetOnlineFeaturesRequest;
import dev.larder.feast.proto.serving.GetOnlineFeaturesResponse;
import dev.larder.feast.proto.types.RepeatedValue;
import dev.larder.feast.proto.types.Value;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Collectors;

/** One connection that reads. */
interface Client extends AutoCloseable {
    Duration TIMEOUT = Duration.ofSeconds(30);
    Duration PATIENCE = Duration.ofMinutes(2);

    /** @throws Unanswered if it is refused or fails */
    Answer read(Shape shape, int[] entities) throws Unanswered, InterruptedException;

    /** Reads until there is an answer, for what is to be right and need not be quick. */
    default Answer readPatiently(Shape shape, int[] entities) throws InterruptedException {
        Instant limit = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return read(shape, entities);
            } catch (Unanswered e) {
                if (Instant.now().isAfter(limit)) {
                    throw new IllegalStateException("no answer for %s: %s".formatted(PATIENCE, e.getMessage()), e);
                }
            }
        }
    }

    @Override
    void close();

    /** A read without an answer. */
    final class Unanswered extends Exception {
        private final boolean unavailable;

        /** @param unavailable whether the server has said, in its protocol's words, that it cannot answer now */
        Unanswered(String message, boolean unavailable) {
            super(message);
            this.unavailable = unavailable;
        }

        boolean unavailable() {
            return unavailable;
        }
    }

    /** Over HTTP; every other read of the smallest shape names a feature service instead of its features. */
    final class Http implements Client {
        private static final JsonMapper JSON = new JsonMapper();
        private static final int UNAVAILABLE = 503;

        private final HttpClient client = http();
        private final URI uri;
        private boolean service;

        /** @param server without path */
        Http(URI server) {
            uri = server.resolve("/get-online-features");
        }

        static HttpClient http() {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();
        }

        @Override
        public Answer read(Shape shape, int[] entities) throws Unanswered, InterruptedException {
            service = !service && shape == Shape.ROWS_1_FEATURES_10;
            String what = service
                    ? "\"feature_service\":\"" + Repository.NARROW_SERVICE + '"'
                    : shape.references().stream().collect(Collectors.joining("\",\"", "\"features\":[\"", "\"]"));
            String keys = Arrays.stream(entities)
                    .mapToObj(entity -> Table.json(shape.parts().get(0).table().key(entity)))
                    .collect(Collectors.joining(","));
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .header("Content-Type", "application/json")
                    .timeout(TIMEOUT)
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{%s,\"full_feature_names\":true,\"entities\":{\"%s\":[%s]}}"
                                    .formatted(what, shape.joinKey(), keys)))
                    .build();
            try {
                HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() != 200) {
                    throw new Unanswered(
                            response.statusCode() + " " + JSON.readTree(response.body()),
                            response.statusCode() == UNAVAILABLE);
                }
                return new Answer.Json(JSON.readTree(response.body()));
            } catch (IOException e) {
                throw new Unanswered(e.toString(), false);
            }
        }

        @Override
        public void close() {}
    }

    /** Over gRPC. */
    final class Grpc implements Client {
        private final ManagedChannel channel;
        private final MethodDescriptor<GetOnlineFeaturesRequest, GetOnlineFeaturesResponse> method;
        private final boolean fullNames;

        /**
         * @param address host and port
         * @param service full name
         * @param fullNames whether names are to be as over HTTP, instead of as Feast's Java clients expect them
         */
        Grpc(String address, String service, boolean fullNames) {
            channel = NettyChannelBuilder.forTarget(address)
                    .usePlaintext()
                    .maxInboundMessageSize(Integer.MAX_VALUE)
                    .build();
            method = MethodDescriptor.<GetOnlineFeaturesRequest, GetOnlineFeaturesResponse>newBuilder(
                            ProtoUtils.marshaller(GetOnlineFeaturesRequest.getDefaultInstance()),
                            ProtoUtils.marshaller(GetOnlineFeaturesResponse.getDefaultInstance()))
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName(service + "/GetOnlineFeatures")
                    .build();
            this.fullNames = fullNames;
        }

        @Override
        public Answer read(Shape shape, int[] entities) throws Unanswered {
            RepeatedValue.Builder keys = RepeatedValue.newBuilder();
            for (int entity : entities) {
                Object key = shape.parts().get(0).table().key(entity);
                keys.addVal(
                        key instanceof Long number
                                ? Value.newBuilder().setInt64Val(number)
                                : Value.newBuilder().setStringVal(key.toString()));
            }
            GetOnlineFeaturesRequest request = GetOnlineFeaturesRequest.newBuilder()
                    .setFeatures(FeatureList.newBuilder().addAllVal(shape.references()))
                    .putEntities(shape.joinKey(), keys.build())
                    .setFullFeatureNames(fullNames)
                    .build();
            try {
                GetOnlineFeaturesResponse answer = ClientCalls.blockingUnaryCall(
                        channel, method, CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT), request);
                return new Answer.Proto(answer, fullNames ? "__" : ":");
            } catch (StatusRuntimeException e) {
                Status status = e.getStatus();
                throw new Unanswered(status.toString(), status.getCode() == Status.Code.UNAVAILABLE);
            }
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }
}
