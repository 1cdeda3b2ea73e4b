/** Keeps the online store at the latest remaining feature rows; start at {@link dev.larder.materializer.online.Materialize}. */
@NullMarked
package dev.larder.materializer.online;

import org.jspecify.annotations.NullMarked;
