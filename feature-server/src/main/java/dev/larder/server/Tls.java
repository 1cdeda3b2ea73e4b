package dev.larder.server;

import java.nio.file.Path;

/**
 * Files that a server proves itself with, as {@code feast serve --key K --cert C} takes them.
 *
 * @param key PEM: the private key, not encrypted
 * @param certificate PEM: the server's certificate, then those of the authorities between it and the one that clients trust
 */
public record Tls(Path key, Path certificate) {}
