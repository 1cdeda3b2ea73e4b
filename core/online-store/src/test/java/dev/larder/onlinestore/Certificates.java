package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * An authority of our own, and a certificate of its for {@code localhost} alone, as PEM files.
 *
 * @param authority whom a client must trust
 */
record Certificates(Path authority, Path certificate, Path key) {

    static Certificates make(Path folder) throws IOException, InterruptedException {
        Path extensions = Files.writeString(folder.resolve("extensions"), "subjectAltName=DNS:localhost\n");
        openssl(folder, "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt");
        openssl(folder, "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
        openssl(
                folder,
                "x509 -req -days 2 -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -extfile "
                        + extensions.getFileName());
        return new Certificates(folder.resolve("ca.crt"), folder.resolve("server.crt"), folder.resolve("server.key"));
    }

    private static void openssl(Path folder, String arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("openssl " + arguments).split(" ", -1))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
