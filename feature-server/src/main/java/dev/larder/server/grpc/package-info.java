/**
 * The feature server over gRPC: Feast's two services, health and reflection. Start at {@link dev.larder.server.grpc.GrpcServer} and {@link
 * dev.larder.server.grpc.GrpcServices}.
 */
@NullMarked
package dev.larder.server.grpc;

import org.jspecify.annotations.NullMarked;
