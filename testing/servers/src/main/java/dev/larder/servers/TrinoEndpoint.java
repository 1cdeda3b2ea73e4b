package dev.larder.servers;

import java.net.URI;

/** Where Trino answers. */
public record TrinoEndpoint(URI url) {}
