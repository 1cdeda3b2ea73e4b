package dev.larder.model;

import java.time.Duration;

/** How far back an aggregation looks. Every engine must handle every case. */
public sealed interface Window {
    /** The events with event time in [stamp - length, stamp). */
    record Rolling(Duration length) implements Window {
        public Rolling {
            if (length.isNegative() || length.isZero()) {
                throw new IllegalArgumentException("length: " + length + " (expected: > 0)");
            }
        }
    }
}
