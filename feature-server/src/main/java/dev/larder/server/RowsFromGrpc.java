package dev.larder.server;

import dev.larder.server.grpc.FeatureWriter;
import dev.larder.server.metrics.WriteMetrics;
import dev.larder.server.write.FeatureWrites;
import dev.larder.server.write.Frame;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows that come over gRPC, one to a call, go where those of HTTP go. */
record RowsFromGrpc(FeatureWrites writes, WriteMetrics metrics) implements FeatureWriter {
    @Override
    public void push(String pushSource, Map<String, @Nullable Object> row, Target target, boolean useCachedRegistry) {
        String to = target.name().toLowerCase(Locale.ROOT);
        long written = writes.push(pushSource, Frame.row(row), to, !useCachedRegistry);
        metrics.pushed(pushSource, to, written);
    }

    @Override
    public void write(String featureView, Map<String, @Nullable Object> row, boolean useCachedRegistry) {
        long unused = writes.write(featureView, Frame.row(row), !useCachedRegistry);
    }
}
