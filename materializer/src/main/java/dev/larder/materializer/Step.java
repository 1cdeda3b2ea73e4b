package dev.larder.materializer;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing to do, as the command line says it; empty lists of names mean all. */
sealed interface Step {
    record Ingest(List<String> sources) implements Step {}

    record Compute(List<String> views, @Nullable Instant from, @Nullable Instant to) implements Step {}

    record Preview(String view, String entity, @Nullable Instant from, @Nullable Instant to, int limit)
            implements Step {}

    record Materialize(List<String> views, Instant start, Instant end) implements Step {}

    record MaterializeIncremental(List<String> views, Instant end) implements Step {}
}
