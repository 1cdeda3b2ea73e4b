/** What every online store must do: {@link dev.larder.onlinestore.OnlineStoreContract}. */
@NullMarked
package dev.larder.onlinestore;

import org.jspecify.annotations.NullMarked;
