@NullMarked
package dev.larder.server.materialize;

import org.jspecify.annotations.NullMarked;
