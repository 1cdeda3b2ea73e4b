@NullMarked
package dev.larder.materializer.lake;

import org.jspecify.annotations.NullMarked;
