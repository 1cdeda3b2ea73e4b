/** The command {@code larder}; start at {@link dev.larder.cli.Main}. One class per command. */
@NullMarked
package dev.larder.cli;

import org.jspecify.annotations.NullMarked;
