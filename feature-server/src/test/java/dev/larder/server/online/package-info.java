@NullMarked
package dev.larder.server.online;

import org.jspecify.annotations.NullMarked;
