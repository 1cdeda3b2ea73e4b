package dev.larder.server.fuzz;

/**
 * A valid request, from which others are made.
 *
 * @param target path and query
 * @param body JSON, or empty
 */
public record HttpRequest(String method, String target, String body) {}
