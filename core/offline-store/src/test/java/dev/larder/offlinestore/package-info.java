@NullMarked
package dev.larder.offlinestore;

import org.jspecify.annotations.NullMarked;
