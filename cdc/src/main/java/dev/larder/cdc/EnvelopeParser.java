package dev.larder.cdc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Kafka record of Debezium (JSON, with or without embedded schemas) as a {@link ChangeEvent}.
 *
 * <p>Hot path: called once per event; it reads the tokens once and builds no tree. Safe for use by many threads.
 */
public final class EnvelopeParser {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_SHOWN = 200;

    private EnvelopeParser() {}

    /**
     * @param key the record's key; null for a truncate alone
     * @param value the record's value; null for a tombstone
     * @throws LarderException {@code VALUE_TYPE_MISMATCH} if this is not a record of Debezium's
     */
    public static ChangeEvent parse(@Nullable String key, @Nullable String value) {
        try {
            Map<String, @Nullable String> keyColumns = key == null ? Map.of() : key(key);
            if (value == null) {
                if (keyColumns.isEmpty()) {
                    throw invalid("neither key nor value", "", null);
                }
                return new ChangeEvent.Tombstone(keyColumns);
            }
            return Envelope.read(value).toEvent(keyColumns, value);
        } catch (IOException e) {
            throw invalid("broken JSON", value == null ? String.valueOf(key) : value, e);
        }
    }

    private static Map<String, @Nullable String> key(String key) throws IOException {
        try (JsonParser parser = JSON.createParser(key)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw invalid("a key that is no JSON object", key, null);
            }
            Map<String, @Nullable String> columns = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (token == JsonToken.START_OBJECT && name.equals("schema")) {
                    parser.skipChildren();
                } else if (token == JsonToken.START_OBJECT && name.equals("payload")) {
                    columns.putAll(columns(parser));
                } else {
                    columns.put(name, text(parser, token));
                }
            }
            return Collections.unmodifiableMap(columns);
        }
    }

    /** The parts of the value that matter. */
    private static final class Envelope {
        private @Nullable String op;
        private @Nullable Map<String, @Nullable String> after;
        private long lsn = -1;
        private long commitMicros = Long.MIN_VALUE;

        static Envelope read(String value) throws IOException {
            Envelope envelope = new Envelope();
            try (JsonParser parser = JSON.createParser(value)) {
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw invalid("a value that is no JSON object", value, null);
                }
                envelope.readFields(parser);
            }
            return envelope;
        }

        private void readFields(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "payload" -> {
                        if (token == JsonToken.START_OBJECT) {
                            readFields(parser);
                        }
                    }
                    case "op" -> op = parser.getText();
                    case "after" -> {
                        if (token == JsonToken.START_OBJECT) {
                            after = columns(parser);
                        }
                    }
                    case "source" -> readSource(parser);
                    default -> parser.skipChildren();
                }
            }
        }

        private void readSource(JsonParser parser) throws IOException {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (token == JsonToken.VALUE_NUMBER_INT && name.equals("lsn")) {
                    lsn = parser.getLongValue();
                } else if (token == JsonToken.VALUE_NUMBER_INT && name.equals("ts_us")) {
                    commitMicros = parser.getLongValue();
                } else {
                    parser.skipChildren();
                }
            }
        }

        ChangeEvent toEvent(Map<String, @Nullable String> key, String value) {
            String operation = op;
            if (operation == null || lsn < 0 || commitMicros == Long.MIN_VALUE) {
                throw invalid("no op, source.lsn or source.ts_us", value, null);
            }
            ChangeEvent.Position position =
                    new ChangeEvent.Position(lsn, Instant.EPOCH.plus(commitMicros, ChronoUnit.MICROS));
            if (operation.equals("t")) {
                return new ChangeEvent.Truncate(position);
            }
            if (key.isEmpty()) {
                throw invalid("no key; the table needs a primary key", value, null);
            }
            return switch (operation) {
                case "r" -> new ChangeEvent.Snapshot(key, position, row(value));
                case "c" -> new ChangeEvent.Insert(key, position, row(value));
                case "u" -> update(key, position, row(value));
                case "d" -> new ChangeEvent.Delete(key, position);
                default -> throw invalid("unknown op " + operation, value, null);
            };
        }

        private Map<String, @Nullable String> row(String value) {
            Map<String, @Nullable String> row = after;
            if (row == null) {
                throw invalid("no row after the change", value, null);
            }
            return Collections.unmodifiableMap(row);
        }

        private static ChangeEvent.Update update(
                Map<String, @Nullable String> key, ChangeEvent.Position position, Map<String, @Nullable String> row) {
            if (!row.containsValue(ConnectorConfig.UNCHANGED)) {
                return new ChangeEvent.Update(key, position, row, Set.of());
            }
            Map<String, @Nullable String> logged = new LinkedHashMap<>(row);
            Set<String> unchanged = new LinkedHashSet<>();
            logged.forEach((column, text) -> {
                if (ConnectorConfig.UNCHANGED.equals(text)) {
                    unchanged.add(column);
                }
            });
            logged.keySet().removeAll(unchanged);
            return new ChangeEvent.Update(
                    key, position, Collections.unmodifiableMap(logged), Collections.unmodifiableSet(unchanged));
        }
    }

    private static Map<String, @Nullable String> columns(JsonParser parser) throws IOException {
        Map<String, @Nullable String> columns = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            columns.put(name, text(parser, parser.nextToken()));
        }
        return columns;
    }

    private static @Nullable String text(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_NULL -> null;
            case START_OBJECT, START_ARRAY -> structure(parser);
            default -> parser.getText();
        };
    }

    /** Arrays and the like are handed on as their JSON. */
    private static String structure(JsonParser parser) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            generator.copyCurrentStructure(parser);
        }
        return text.toString();
    }

    private static LarderException invalid(String what, String record, @Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.VALUE_TYPE_MISMATCH,
                "Not a change event of Debezium (%s): %s. Check the topic's name, and that the connector writes JSON (ConnectorConfig does)."
                        .formatted(
                                what, record.length() <= MAX_SHOWN ? record : record.substring(0, MAX_SHOWN) + "..."),
                cause);
    }
}
