/** Inputs that nobody would send, over HTTP and gRPC, and what must not happen then. */
@NullMarked
package dev.larder.server.fuzz;

import org.jspecify.annotations.NullMarked;
