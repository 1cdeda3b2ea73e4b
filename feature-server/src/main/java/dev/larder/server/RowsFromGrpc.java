package dev.larder.server;

import dev.larder.server.grpc.FeatureWriter;
import dev.larder.server.write.FeatureWrites;
import dev.larder.server.write.Frame;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows that come over gRPC, one to a call, go where those of HTTP go. */
record RowsFromGrpc(FeatureWrites writes) implements FeatureWriter {
    @Override
    public void push(String pushSource, Map<String, @Nullable Object> row, Target target, boolean useCachedRegistry) {
        long unused =
                writes.push(pushSource, Frame.row(row), target.name().toLowerCase(Locale.ROOT), !useCachedRegistry);
    }

    @Override
    public void write(String featureView, Map<String, @Nullable Object> row, boolean useCachedRegistry) {
        long unused = writes.write(featureView, Frame.row(row), !useCachedRegistry);
    }
}
