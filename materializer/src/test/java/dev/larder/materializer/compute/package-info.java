@NullMarked
package dev.larder.materializer.compute;

import org.jspecify.annotations.NullMarked;
