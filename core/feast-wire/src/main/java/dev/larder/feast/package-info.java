/**
 * Feast's bytes and messages to and from the model. Start at {@link dev.larder.feast.EntityKeyCodec}, {@link
 * dev.larder.feast.ValueCodec} and {@link dev.larder.feast.RegistryCodec}; {@link dev.larder.feast.ValueJson} and {@link
 * dev.larder.feast.JsonValues} are the two directions of HTTP. The messages themselves are generated into {@code
 * dev.larder.feast.proto}.
 */
@NullMarked
package dev.larder.feast;

import org.jspecify.annotations.NullMarked;
