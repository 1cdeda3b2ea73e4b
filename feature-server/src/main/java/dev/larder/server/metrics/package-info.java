/**
 * What the server counts, as Prometheus reads it. Start at {@link dev.larder.server.metrics.ServerMetrics}. Whoever records on
 * the way of a request holds what it records to: nothing here is looked up by label while a request runs.
 */
@NullMarked
package dev.larder.server.metrics;

import org.jspecify.annotations.NullMarked;
