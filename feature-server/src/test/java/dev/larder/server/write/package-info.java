@NullMarked
package dev.larder.server.write;

import org.jspecify.annotations.NullMarked;
