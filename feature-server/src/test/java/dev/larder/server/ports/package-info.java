@NullMarked
package dev.larder.server.ports;

import org.jspecify.annotations.NullMarked;
