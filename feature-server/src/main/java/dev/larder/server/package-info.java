/** The feature server's process: command line, HTTP, logging. Start at {@link dev.larder.server.FeatureServer}. */
@NullMarked
package dev.larder.server;

import org.jspecify.annotations.NullMarked;
