package dev.larder.progress;

/** Where a long step reports to. Implementations are safe for use by many threads. */
public interface Progress {

    /**
     * Begins a step.
     *
     * @param name what is done, for example {@code ingest transactions}
     * @param unit what is counted, in the plural, for example {@code rows}
     */
    Step start(String name, String unit);

    /** One step; {@link #done} exactly once, {@link #close} always. */
    interface Step extends AutoCloseable {
        /** How much there is to do, as soon as it is known; the time left is shown from then on. */
        void expect(long total);

        /** That much more has been done. */
        void add(long count);

        /** Ends the step well; {@code remark} says what the count does not, or is empty. */
        void done(String remark);

        /** Ends the step as failed unless it is done. */
        @Override
        void close();
    }

    /** Reports nothing. */
    static Progress none() {
        return (name, unit) -> new Step() {
            @Override
            public void expect(long total) {}

            @Override
            public void add(long count) {}

            @Override
            public void done(String remark) {}

            @Override
            public void close() {}
        };
    }
}
