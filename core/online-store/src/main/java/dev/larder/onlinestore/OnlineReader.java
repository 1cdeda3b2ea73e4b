package dev.larder.onlinestore;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** Reads some features of some views again and again; what can be worked out beforehand is. Safe for use by many threads. */
@FunctionalInterface
public interface OnlineReader {
    /**
     * Begins a read.
     *
     * @param keys encoded entity keys of each group, each key once in its group
     * @return one answer per view, group by group; it fails for the sake of a {@link dev.larder.model.LarderException}. What
     *     follows on it may run on a thread that reads for others, too, and must not block
     */
    CompletionStage<List<ViewRows>> read(List<List<byte[]>> keys);
}
