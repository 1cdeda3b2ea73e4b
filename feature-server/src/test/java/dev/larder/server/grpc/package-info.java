@NullMarked
package dev.larder.server.grpc;

import org.jspecify.annotations.NullMarked;
