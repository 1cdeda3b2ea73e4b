/**
 * A client of feature servers, Larder's and Feast's own, for Java applications. Start at {@link
 * dev.larder.client.FeatureClient}; values are Java's own types, or {@link dev.larder.model.FeatureValue} where the exact type
 * matters.
 */
@NullMarked
package dev.larder.client;

import org.jspecify.annotations.NullMarked;
