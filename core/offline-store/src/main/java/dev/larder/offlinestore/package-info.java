/** The lake: how its tables are laid out, and what is read from them without a cluster. */
@NullMarked
package dev.larder.offlinestore;

import org.jspecify.annotations.NullMarked;
