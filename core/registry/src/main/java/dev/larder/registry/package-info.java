/**
 * Definitions: from YAML files to Feast's registry file and back. Start at {@link dev.larder.registry.RepositoryLoader} and
 * {@link dev.larder.registry.FileRegistry}.
 */
@NullMarked
package dev.larder.registry;

import org.jspecify.annotations.NullMarked;
