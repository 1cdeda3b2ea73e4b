/** The file {@code feature_store.yaml}: Feast's keys and the block {@code larder:}. */
@NullMarked
package dev.larder.registry.config;

import org.jspecify.annotations.NullMarked;
