@NullMarked
package dev.larder.cdc.source;

import org.jspecify.annotations.NullMarked;
