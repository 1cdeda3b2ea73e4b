package dev.larder.server;

import java.nio.file.Path;

/**
 * What the server proves itself with; both are PEM files.
 *
 * @param certificate with those that vouch for it behind it
 */
public record Tls(Path key, Path certificate) {}
