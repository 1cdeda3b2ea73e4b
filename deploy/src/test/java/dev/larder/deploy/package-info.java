/** What docker compose and the images must hold to, checked without an engine. */
@NullMarked
package dev.larder.deploy;

import org.jspecify.annotations.NullMarked;
