@NullMarked
package dev.larder.offlinestore.training;

import org.jspecify.annotations.NullMarked;
