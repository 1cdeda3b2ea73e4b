package dev.larder.onlinestore;

import dev.larder.onlinestore.RedisSettings.Node;
import dev.larder.onlinestore.RedisSettings.Tls;
import dev.larder.onlinestore.RedisSettings.Tls.Verification;
import io.lettuce.core.SslOptions;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Encrypted connections as the settings want them, for the client library and for our own links. */
final class RedisTls {
    private final RedisSettings settings;
    private @Nullable JdkSslContext context;

    RedisTls(RedisSettings settings) {
        this.settings = settings;
    }

    SslOptions options(Tls tls) {
        SslOptions.Builder options = SslOptions.builder().jdkSslProvider().handshakeTimeout(settings.connectTimeout());
        if (tls.authorities() != null) {
            options.trustManager(readable("ssl_ca_certs", tls.authorities()));
        }
        if (tls.certificate() != null && tls.key() != null) {
            String password = tls.keyPassword();
            options.keyManager(
                    readable("ssl_certfile", tls.certificate()),
                    readable("ssl_keyfile", tls.key()),
                    password == null ? new char[0] : password.toCharArray());
        }
        return options.build();
    }

    /** Shakes hands over a connection that is open. */
    Socket encrypt(Socket socket, Node node, Tls tls) throws IOException {
        SSLSocket encrypted = (SSLSocket)
                context(tls).context().getSocketFactory().createSocket(socket, node.host(), node.port(), true);
        if (tls.verification() == Verification.AUTHORITY_AND_HOST) {
            SSLParameters parameters = encrypted.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            encrypted.setSSLParameters(parameters);
        }
        try {
            encrypted.startHandshake();
        } catch (SocketTimeoutException e) {
            throw new SSLException(
                    "no answer to the handshake, as from a server that takes connections in the clear", e);
        }
        return encrypted;
    }

    private synchronized JdkSslContext context(Tls tls) throws SSLException {
        JdkSslContext known = context;
        if (known == null) {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (tls.verification() == Verification.NONE) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
            } else if (tls.authorities() != null) {
                builder.trustManager(readable("ssl_ca_certs", tls.authorities()));
            }
            if (tls.certificate() != null && tls.key() != null) {
                builder.keyManager(
                        readable("ssl_certfile", tls.certificate()),
                        readable("ssl_keyfile", tls.key()),
                        tls.keyPassword());
            }
            known = (JdkSslContext) builder.build();
            context = known;
        }
        return known;
    }

    private static File readable(String parameter, String path) {
        File file = new File(path);
        if (!file.canRead()) {
            throw RedisConnectionString.invalid(
                    "connection_string: %s=%s cannot be read (expected: a PEM file)".formatted(parameter, path));
        }
        return file;
    }
}
