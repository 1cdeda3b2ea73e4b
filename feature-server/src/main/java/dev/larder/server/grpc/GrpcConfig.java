package dev.larder.server.grpc;

import dev.larder.server.ports.ListenPort;

/**
 * How gRPC is served.
 *
 * @param names of features that {@code ServingService} answers
 */
public record GrpcConfig(ListenPort port, Names names) {
    public static final int DEFAULT_PORT = 6565;

    /** @param port 0: any free one */
    public GrpcConfig(int port, Names names) {
        this(ListenPort.exactly(port), names);
    }

    /** Whose names {@code ServingService} gives to features when the caller does not ask for full names. */
    public enum Names {
        /** {@code view:feature} and no join keys, as callers of Feast's Java server expect. */
        JAVA,
        /** {@code feature} after the join keys, as Feast's Python and Go servers answer. */
        PYTHON
    }
}
