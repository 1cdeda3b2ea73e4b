package dev.larder.offlinestore.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The first record of a CSV file, by RFC 4180: names exactly as they stand there. */
final class CsvHeader {
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private CsvHeader() {}

    static List<String> read(Path file) throws IOException {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        boolean quoted = false;
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int c = reader.read();
            if (c == BYTE_ORDER_MARK) {
                c = reader.read();
            }
            for (; c >= 0 && (quoted || c != '\n'); c = reader.read()) {
                if (quoted && c == '"') {
                    reader.mark(1);
                    if (reader.read() == '"') {
                        name.append('"');
                    } else {
                        reader.reset();
                        quoted = false;
                    }
                } else if (!quoted && c == '"') {
                    quoted = true;
                } else if (!quoted && c == ',') {
                    names.add(name.toString());
                    name.setLength(0);
                } else if (quoted || c != '\r') {
                    name.append((char) c);
                }
            }
        }
        names.add(name.toString());
        return names;
    }
}
