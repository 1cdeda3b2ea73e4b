/**
 * {@code POST /materialize}: requests become runs of the {@code larder} command, each a process of its own. Start at {@link
 * dev.larder.server.materialize.Materializations}.
 */
@NullMarked
package dev.larder.server.materialize;

import org.jspecify.annotations.NullMarked;
