package dev.larder.servers;

import java.net.URI;

/** Where Kafka Connect's REST interface answers. */
public record ConnectEndpoint(URI url) {}
