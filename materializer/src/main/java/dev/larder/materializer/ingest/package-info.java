/** Brings change events into the lake: the log as it came, and the source's present rows; start at {@link dev.larder.materializer.ingest.Ingest}. */
@NullMarked
package dev.larder.materializer.ingest;

import org.jspecify.annotations.NullMarked;
