/** The latest feature values per entity; start at {@link dev.larder.onlinestore.OnlineStore}. */
@NullMarked
package dev.larder.onlinestore;

import org.jspecify.annotations.NullMarked;
