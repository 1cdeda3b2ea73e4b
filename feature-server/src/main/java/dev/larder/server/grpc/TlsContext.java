package dev.larder.server.grpc;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/** What a server proves itself with. */
public final class TlsContext {
    private TlsContext() {}

    /**
     * @param key PEM file of an unencrypted PKCS#8 key
     * @param certificate PEM file of the key's certificate and those that vouch for it
     * @throws LarderException {@code PATH_UNUSABLE} if a file cannot be read; {@code ARGUMENT_INVALID} if it is of another form
     */
    public static SslContext read(Path key, Path certificate) {
        checkReadable("--key", key);
        checkReadable("--cert", certificate);
        try {
            return GrpcSslContexts.forServer(certificate.toFile(), key.toFile()).build();
        } catch (IllegalArgumentException | SSLException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Cannot serve with TLS: %s (expected: --key a PEM file of an unencrypted key that begins with BEGIN PRIVATE KEY, --cert a PEM file of its certificates)"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static void checkReadable(String option, Path file) {
        if (!Files.isReadable(file)) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE, "%s: %s does not exist or cannot be read".formatted(option, file));
        }
    }
}
