@NullMarked
package dev.larder.progress;

import org.jspecify.annotations.NullMarked;
