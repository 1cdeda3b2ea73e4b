@NullMarked
package dev.larder.materializer;

import org.jspecify.annotations.NullMarked;
