/**
 * Rows that somebody sends for the online store: columns become a {@link dev.larder.server.write.Frame}, which is written to
 * the views that it is meant for. Start at {@link dev.larder.server.write.FeatureWrites}.
 */
@NullMarked
package dev.larder.server.write;

import org.jspecify.annotations.NullMarked;
