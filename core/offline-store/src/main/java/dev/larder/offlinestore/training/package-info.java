/**
 * Training sets: entity rows with the feature values that were known at their times. Start at {@link
 * dev.larder.offlinestore.training.TrainingSets}.
 */
@NullMarked
package dev.larder.offlinestore.training;

import org.jspecify.annotations.NullMarked;
