@NullMarked
package dev.larder.servers;

import org.jspecify.annotations.NullMarked;
