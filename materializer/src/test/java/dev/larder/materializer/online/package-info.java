@NullMarked
package dev.larder.materializer.online;

import org.jspecify.annotations.NullMarked;
