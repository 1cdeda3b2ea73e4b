package dev.larder.servers;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Properties;

/** Random words that a part is started with, made once and kept in a file that only its owner may read. */
final class Secrets {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Properties words = new Properties();

    private Secrets() {}

    /** Those of the file; it is written first if need be. */
    static Secrets keptIn(Path file, String... names) {
        try {
            if (!Files.exists(file)) {
                write(file, names);
            }
            Secrets secrets = new Secrets();
            secrets.words.load(new StringReader(Files.readString(file)));
            return secrets;
        } catch (IOException e) {
            throw StackFolder.unusable(file, "read", e);
        }
    }

    private static void write(Path file, String... names) throws IOException {
        Path temporary = Files.createTempFile(
                file.getParent(),
                "." + file.getFileName(),
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            byte[] bytes = new byte[BYTES];
            RANDOM.nextBytes(bytes);
            text.append("%s: %s%n".formatted(name, Base64.getUrlEncoder().encodeToString(bytes)));
        }
        Files.writeString(temporary, text);
        Files.move(temporary, file);
    }

    String get(String name) {
        return words.getProperty(name, "");
    }
}
