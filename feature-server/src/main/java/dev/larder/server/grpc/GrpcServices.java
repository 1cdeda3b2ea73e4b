package dev.larder.server.grpc;

import com.google.protobuf.MessageLite;
import dev.larder.feast.proto.serving.GetFeastServingInfoResponse;
import dev.larder.feast.proto.serving.GrpcFeatureServerProto;
import dev.larder.feast.proto.serving.PushRequest;
import dev.larder.feast.proto.serving.PushResponse;
import dev.larder.feast.proto.serving.ServingServiceProto;
import dev.larder.feast.proto.serving.WriteToOnlineStoreRequest;
import dev.larder.feast.proto.serving.WriteToOnlineStoreResponse;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.server.grpc.FeatureWriter.Target;
import dev.larder.server.online.Definitions;
import dev.larder.server.online.FeatureNames;
import dev.larder.server.online.OnlineAnswer;
import dev.larder.server.online.OnlineFeatures;
import dev.larder.server.online.OnlineRequest;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Feast's two services: that of its Java and Go servers, and that of its Python server. */
public final class GrpcServices {
    private static final String SERVING_SERVICE = "feast.serving.ServingService";
    private static final String FEATURE_SERVER = "GrpcFeatureServer";
    private static final String GET_ONLINE_FEATURES = "GetOnlineFeatures";

    /** With the version of Feast whose services these are. */
    private static final GetFeastServingInfoResponse SERVING_INFO =
            GetFeastServingInfoResponse.newBuilder().setVersion("0.67.0").build();

    private final OnlineFeatures features;
    private final GrpcConfig.Names names;
    private final @Nullable FeatureWriter writer;
    private final Failures failures;
    private final Executor workers;

    /**
     * @param names of {@code ServingService}
     * @param writer null: rows are not taken
     * @param httpStatus the one that HTTP answers a failure with
     * @param workers where large answers are written
     */
    public GrpcServices(
            OnlineFeatures features,
            GrpcConfig.Names names,
            @Nullable FeatureWriter writer,
            ToIntFunction<LarderException> httpStatus,
            Executor workers) {
        this.features = features;
        this.names = names;
        this.writer = writer;
        this.failures = new Failures(httpStatus);
        this.workers = workers;
    }

    /** What a server is given to serve. */
    public List<ServerServiceDefinition> definitions() {
        return List.of(
                service(
                        SERVING_SERVICE,
                        ServingServiceProto::getDescriptor,
                        method(SERVING_SERVICE, "GetFeastServingInfo", emptyRequest -> done(SERVING_INFO)),
                        method(SERVING_SERVICE, GET_ONLINE_FEATURES, request -> read(request, unnamed()))),
                service(
                        FEATURE_SERVER,
                        GrpcFeatureServerProto::getDescriptor,
                        method(FEATURE_SERVER, GET_ONLINE_FEATURES, request -> read(request, FeatureNames.BARE)),
                        method(FEATURE_SERVER, "Push", this::push),
                        method(FEATURE_SERVER, "WriteToOnlineStore", this::write)));
    }

    /** Whether calls of a method never wait, so that the thread that receives them can begin them. */
    public boolean isQuick(String method) {
        return !features.isReadBlocking() && method.endsWith(GET_ONLINE_FEATURES);
    }

    private FeatureNames unnamed() {
        return names == GrpcConfig.Names.JAVA ? FeatureNames.REFERENCE : FeatureNames.BARE;
    }

    /** @param unasked how features are named when the caller does not ask for full names */
    private CompletionStage<byte[]> read(byte[] request, FeatureNames unasked) throws IOException {
        OnlineRequest asked = RequestReader.read(request);
        FeatureNames form = asked.fullFeatureNames() ? FeatureNames.FULL : unasked;
        return begin(asked, form).thenCompose(answer -> message(answer, form));
    }

    /** The thread that receives calls may not wait for the registry. */
    private CompletionStage<OnlineAnswer> begin(OnlineRequest asked, FeatureNames form) {
        try {
            return features.begin(asked, form);
        } catch (LarderException e) {
            if (!Definitions.isUnknown(e)) {
                throw e;
            }
            return CompletableFuture.supplyAsync(() -> features.read(asked, form), workers)
                    .thenCompose(answer -> answer);
        }
    }

    private CompletionStage<byte[]> message(OnlineAnswer answer, FeatureNames form) {
        return answer.isLarge()
                ? CompletableFuture.supplyAsync(() -> answer.message(form.withJoinKeys()), workers)
                : CompletableFuture.completedFuture(answer.message(form.withJoinKeys()));
    }

    private CompletionStage<byte[]> push(byte[] message) throws IOException {
        PushRequest request = PushRequest.parseFrom(message);
        writer().push(
                        request.getStreamFeatureView(),
                        PushedRow.of(request.getFeaturesMap(), request.getTypedFeaturesMap()),
                        target(request.getTo()),
                        request.getAllowRegistryCache());
        return done(PushResponse.newBuilder().setStatus(true).build());
    }

    private CompletionStage<byte[]> write(byte[] message) throws IOException {
        WriteToOnlineStoreRequest request = WriteToOnlineStoreRequest.parseFrom(message);
        writer().write(
                        request.getFeatureViewName(),
                        PushedRow.of(request.getFeaturesMap(), request.getTypedFeaturesMap()),
                        request.getAllowRegistryCache());
        return done(WriteToOnlineStoreResponse.newBuilder().setStatus(true).build());
    }

    private static CompletionStage<byte[]> done(MessageLite answer) {
        return CompletableFuture.completedFuture(answer.toByteArray());
    }

    private FeatureWriter writer() {
        if (writer == null) {
            throw Status.UNIMPLEMENTED
                    .withDescription(
                            "This server takes no rows over gRPC. Put them into the source and materialize, which fills the online store.")
                    .asRuntimeException();
        }
        return writer;
    }

    private static Target target(String to) {
        return switch (to) {
            case "", "online" -> Target.ONLINE;
            case "offline" -> Target.OFFLINE;
            case "online_and_offline" -> Target.ONLINE_AND_OFFLINE;
            default ->
                throw new LarderException(
                        ErrorCode.ARGUMENT_INVALID,
                        "to: '%s' (expected: online, offline or online_and_offline)".formatted(to));
        };
    }

    private ServerMethodDefinition<?, ?> method(String service, String method, BytesMethod.Handler handler) {
        String name = service + "/" + method;
        return BytesMethod.of(service, method, handler, failure -> failures.of(name, failure));
    }

    /** @param file where the service is described, for reflection */
    private static ServerServiceDefinition service(
            String name, ProtoFileDescriptorSupplier file, ServerMethodDefinition<?, ?>... methods) {
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(name).setSchemaDescriptor(file);
        for (ServerMethodDefinition<?, ?> method : methods) {
            descriptor.addMethod(method.getMethodDescriptor());
        }
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
        for (ServerMethodDefinition<?, ?> method : methods) {
            service.addMethod(method);
        }
        return service.build();
    }
}
