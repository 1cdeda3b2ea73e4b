package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * An authority of our own, and a certificate of its for this machine, as PEM files that openssl writes.
 *
 * @param authority whom a client must trust
 */
record Certificates(Path authority, Path certificate, Path key) {

    static Certificates make(Path folder) throws IOException, InterruptedException {
        openssl(folder, "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt");
        openssl(folder, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out server.key");
        return signed(folder, folder.resolve("server.key"));
    }

    /** A certificate of the same authority for another key. */
    Certificates with(Path otherKey) throws IOException, InterruptedException {
        return signed(folder(), otherKey);
    }

    private Path folder() {
        return Objects.requireNonNull(authority.getParent());
    }

    private static Certificates signed(Path folder, Path key) throws IOException, InterruptedException {
        Path certificate = key.resolveSibling(key.getFileName() + ".crt");
        Path request = key.resolveSibling(key.getFileName() + ".csr");
        Path extensions =
                Files.writeString(folder.resolve("extensions"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
        openssl(folder, "req", "-new", "-key", key.toString(), "-subj", "/CN=localhost", "-out", request.toString());
        openssl(
                folder,
                "x509 -req -days 2 -CA ca.crt -CAkey ca.key -CAcreateserial -extfile %s -in %s -out %s"
                        .formatted(extensions.getFileName(), request, certificate));
        return new Certificates(folder.resolve("ca.crt"), certificate, key);
    }

    static void openssl(Path folder, String arguments) throws IOException, InterruptedException {
        openssl(folder, arguments.split(" ", -1));
    }

    private static void openssl(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
