package dev.larder.materializer.lake;

import java.io.File;
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
 * Iceberg's files in a local folder. Hadoop's local file system would start a process per file to set its mode and write a
 * checksum file beside it.
 *
 * <p>A location is {@code file:} and an absolute path that is taken as it stands, never percent-decoded, as Hadoop does.
 */
public final class LocalFiles implements FileIO {
    private static final long serialVersionUID = 1L;
    private static final String SCHEME = "file:";

    /** The location of a folder in the form that this class writes into metadata. */
    static String location(Path folder) {
        return SCHEME + "//" + folder.toAbsolutePath().normalize();
    }

    private static File file(String location) {
        String path = location.startsWith(SCHEME) ? location.substring(SCHEME.length()) : location;
        return new File(path.startsWith("///") ? path.substring(2) : path);
    }

    @Override
    public InputFile newInputFile(String location) {
        return new Input(location, org.apache.iceberg.Files.localInput(file(location)));
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new Output(location, org.apache.iceberg.Files.localOutput(file(location)));
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(file(location).toPath());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + location, e);
        }
    }

    private record Input(String location, InputFile file) implements InputFile {
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

    private record Output(String location, OutputFile file) implements OutputFile {
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
            try {
                Files.createDirectories(
                        LocalFiles.file(location).getParentFile().toPath());
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot create the folder of " + location, e);
            }
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location, file.toInputFile());
        }
    }
}
