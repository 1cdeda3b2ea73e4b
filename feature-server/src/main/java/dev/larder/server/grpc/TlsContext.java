package dev.larder.server.grpc;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/** What a server proves itself with. */
public final class TlsContext {
    private TlsContext() {}

    /**
     * @param chain the key's own certificate first
     * @throws IllegalStateException if this JVM has no TLS for them
     */
    public static SslContext of(PrivateKey key, List<X509Certificate> chain) {
        try {
            return GrpcSslContexts.configure(SslContextBuilder.forServer(key, chain))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("Cannot serve gRPC with TLS: " + e.getMessage(), e);
        }
    }
}
