/** How long work tells a person that it goes on: rows, rate and time left. */
@NullMarked
package dev.larder.progress;

import org.jspecify.annotations.NullMarked;
