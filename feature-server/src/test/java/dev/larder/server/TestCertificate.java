package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A certificate for {@code localhost} that vouches for itself. */
final class TestCertificate {
    private TestCertificate() {}

    static Tls make(Path folder) throws IOException, InterruptedException {
        Path key = folder.resolve("server.key");
        Path certificate = folder.resolve("server.crt");
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=DNS:localhost",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(openssl.exitValue()).as(output).isZero();
        return new Tls(key, certificate);
    }
}
