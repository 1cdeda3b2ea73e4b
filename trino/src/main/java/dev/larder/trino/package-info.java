/** SQL over the lake through Trino; start at {@link dev.larder.trino.Trino}. */
@NullMarked
package dev.larder.trino;

import org.jspecify.annotations.NullMarked;
