/** Reads YAML so that every mistake is reported with its file and line, all at once. Not for other modules. */
@NullMarked
package dev.larder.registry.yaml;

import org.jspecify.annotations.NullMarked;
