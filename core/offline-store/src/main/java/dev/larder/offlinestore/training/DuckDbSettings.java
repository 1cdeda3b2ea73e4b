package dev.larder.offlinestore.training;

/**
 * What DuckDB may use of the machine.
 *
 * @param memoryLimit for example {@code 1GB}; what does not fit is spilled to the temporary folder
 */
public record DuckDbSettings(String memoryLimit, int threads) {
    public DuckDbSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
        }
    }

    /** One gigabyte and all processors. */
    public static DuckDbSettings defaults() {
        return new DuckDbSettings("1GB", Runtime.getRuntime().availableProcessors());
    }
}
