package dev.larder.offlinestore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

/**
 * Iceberg's files on a local file system, without Hadoop, whose local file system would start a process per file to set its
 * mode and write a checksum file beside it. Locations are absolute paths, with or without {@code file:} before them, and are
 * never percent-decoded: Hadoop writes them as they are.
 *
 * <p>A new file is visible to others only after the catalog names it, so it need not appear atomically.
 */
public final class LocalFileIO implements FileIO {
    private static final long serialVersionUID = 1L;

    /** The location of a folder in the form that tables keep it in. */
    public static String location(Path folder) {
        return "file://" + folder.toAbsolutePath().normalize();
    }

    static Path path(String location) {
        if (!location.startsWith("file:")) {
            return Path.of(location);
        }
        String rest = location.substring("file:".length());
        return Path.of(rest.startsWith("///") ? rest.substring(2) : rest);
    }

    @Override
    public InputFile newInputFile(String location) {
        return new LocalInput(
                location, org.apache.iceberg.Files.localInput(path(location).toString()));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new LocalOutput(
                location, org.apache.iceberg.Files.localOutput(path(location).toString()));
    }

    /** The catalog compares locations as text, so a file answers with the one it was asked for by. */
    private record LocalInput(String location, InputFile file) implements InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            return file.newStream();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }
    }

    private record LocalOutput(String location, OutputFile file) implements OutputFile {
        @Override
        public PositionOutputStream create() {
            makeFolder();
            return file.create();
        }

        @Override
        public PositionOutputStream createOrOverwrite() {
            makeFolder();
            return file.createOrOverwrite();
        }

        /** Iceberg's own way fails when another task makes the same folder at the same moment. */
        private void makeFolder() {
            Path folder = path(location).toAbsolutePath().getParent();
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot create the folder " + folder, e);
            }
        }

        @Override
        public InputFile toInputFile() {
            return new LocalInput(location, file.toInputFile());
        }
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(path(location));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + location, e);
        }
    }
}
