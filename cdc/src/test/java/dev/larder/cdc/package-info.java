@NullMarked
package dev.larder.cdc;

import org.jspecify.annotations.NullMarked;
