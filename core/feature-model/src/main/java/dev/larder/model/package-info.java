/**
 * The words of a feature store as values: start at {@link dev.larder.model.FeatureView} and {@link
 * dev.larder.model.EntityKey}. A value that exists is valid; nothing here knows a wire format or an engine.
 */
@NullMarked
package dev.larder.model;

import org.jspecify.annotations.NullMarked;
