@NullMarked
package dev.larder.cdc.sample;

import org.jspecify.annotations.NullMarked;
