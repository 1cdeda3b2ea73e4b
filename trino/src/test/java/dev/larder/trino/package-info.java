@NullMarked
package dev.larder.trino;

import org.jspecify.annotations.NullMarked;
