/** The materializer's process: start at {@link dev.larder.materializer.Main}. */
@NullMarked
package dev.larder.materializer;

import org.jspecify.annotations.NullMarked;
