package dev.larder.servers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks PostgreSQL's programs for this machine from the jar that carries them. */
final class PostgresArchive {
    private PostgresArchive() {}

    /** Argument: the folder to make. */
    public static void main(String[] args) throws IOException {
        unpack(Path.of(args[0]));
    }

    private static void unpack(Path target) throws IOException {
        String name = name(System.getProperty("os.name"), System.getProperty("os.arch"));
        try (InputStream resource = PostgresArchive.class.getResourceAsStream("/" + name)) {
            if (resource == null) {
                throw new IOException("No PostgreSQL programs for this machine: " + name
                        + " is not on the class path. Point larder.postgres in feature_store.yaml at your own server.");
            }
            try (TarArchiveInputStream tar =
                    new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(resource, 1 << 16)))) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    unpack(entry, tar, target);
                }
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("Entry outside of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            Files.copy(content, path);
            if ((entry.getMode() & 0100) != 0 && !path.toFile().setExecutable(true, false)) {
                throw new IOException("Cannot make executable: " + path);
            }
        }
    }

    static String name(String system, String machine) {
        String os = system.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String arch = machine.equals("aarch64") ? "arm_64" : "x86_64";
        return "postgres-%s-%s.txz".formatted(os, arch);
    }
}
