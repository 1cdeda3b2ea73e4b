/** Computes feature rows and replaces what changed; start at {@link dev.larder.materializer.compute.Compute}. */
@NullMarked
package dev.larder.materializer.compute;

import org.jspecify.annotations.NullMarked;
