/** The server under mixed load for a long time, see {@link dev.larder.server.endurance.EnduranceTest}. */
@NullMarked
package dev.larder.server.endurance;

import org.jspecify.annotations.NullMarked;
