package dev.larder.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.cdc.ChangeEvent.Position;
import dev.larder.model.LarderException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over records that Debezium 3.7.0 has written from PostgreSQL 15; see the resource. */
final class EnvelopeParserTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aTablesLifeIsReadInOrder() {
        assertThat(recorded("banking.public.transactions", 0))
                .containsExactly(
                        new ChangeEvent.Insert(
                                Map.of("transaction_id", "2"),
                                new Position(26_755_000, Instant.parse("2026-11-21T11:10:08.928830Z")),
                                transaction("2", "12.50")),
                        new ChangeEvent.Update(
                                Map.of("transaction_id", "2"),
                                new Position(26_755_240, Instant.parse("2026-11-21T11:10:08.929842Z")),
                                transaction("2", "13.00"),
                                Set.of()),
                        new ChangeEvent.Delete(
                                Map.of("transaction_id", "2"),
                                new Position(26_755_400, Instant.parse("2026-11-21T11:10:08.930257Z"))),
                        new ChangeEvent.Tombstone(Map.of("transaction_id", "2")),
                        new ChangeEvent.Insert(
                                Map.of("transaction_id", "3"),
                                new Position(26_755_400, Instant.parse("2026-11-21T11:10:08.930257Z")),
                                transaction("3", "13.00")),
                        new ChangeEvent.Delete(
                                Map.of("transaction_id", "3"),
                                new Position(26_766_952, Instant.parse("2026-11-21T11:10:08.933187Z"))),
                        new ChangeEvent.Tombstone(Map.of("transaction_id", "3")));
    }

    @Test
    void aSnapshotHasEveryTypesText() {
        ChangeEvent.Snapshot snapshot =
                (ChangeEvent.Snapshot) recorded("banking.public.types", 0).get(0);

        assertThat(snapshot.row())
                .containsEntry("si", "7")
                .containsEntry("r", "0.1")
                .containsEntry("d", "1.0E300")
                .containsEntry("n", "12.5000")
                .containsEntry("b", "true")
                .containsEntry("t", "ü\"x")
                .containsEntry("ch", "c    ")
                .containsEntry("da", "20778")
                .containsEntry("ts", "1795222923123456")
                .containsEntry("ts3", "1795222923123000")
                .containsEntry("tz", "2026-11-20T19:17:03.100000Z")
                .containsEntry("js", "{\"a\": 1}")
                .containsEntry("arr", "[1,2]");
    }

    @Test
    void nullsAreKept() {
        ChangeEvent.Snapshot snapshot =
                (ChangeEvent.Snapshot) recorded("banking.public.types", 0).get(1);

        assertThat(snapshot.row()).hasSize(17).containsEntry("t", null).containsEntry("id", "2");
    }

    @Test
    void aLargeValueThatAnUpdateLeftAloneIsNamedAndNotInvented() {
        ChangeEvent.Update update =
                (ChangeEvent.Update) recorded("banking.public.types", 0).get(2);

        assertThat(update.unchanged()).containsExactly("t");
        assertThat(update.row()).doesNotContainKey("t").containsEntry("si", "5");
    }

    @Test
    void aTruncateHasNoKey() {
        assertThat(recorded("banking.public.types", 1).get(1))
                .isEqualTo(new ChangeEvent.Truncate(
                        new Position(26_769_976, Instant.parse("2026-11-21T11:10:08.934554Z"))));
    }

    @Test
    void embeddedSchemasAreSkipped() {
        JsonNode insert = records().stream()
                .filter(node -> node.path("key").asText().contains("\"transaction_id\":3"))
                .findFirst()
                .orElseThrow();
        String key = insert.path("key").asText();
        String value = insert.path("value").asText();

        assertThat(EnvelopeParser.parse(
                        "{\"schema\":{\"payload\":1},\"payload\":" + key + "}",
                        "{\"schema\":{\"op\":\"x\"},\"payload\":" + value + "}"))
                .isEqualTo(EnvelopeParser.parse(key, value));
    }

    @Test
    void eventsTravelBetweenProcesses() throws Exception {
        for (ChangeEvent event : recorded("banking.public.types", 0)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(event);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                assertThat(in.readObject()).isEqualTo(event);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "7",
                "{}",
                "{\"op\":\"c\",\"after\":{\"id\":1}}",
                "{\"op\":\"c\",\"after\":null,\"source\":{\"lsn\":1,\"ts_us\":1}}",
                "{\"op\":\"z\",\"after\":{\"id\":1},\"source\":{\"lsn\":1,\"ts_us\":1}}"
            })
    void whatIsNoEnvelopeIsRefusedInWords(String value) {
        assertThatThrownBy(() -> EnvelopeParser.parse("{\"id\":1}", value))
                .isInstanceOf(LarderException.class)
                .hasMessageStartingWith("Not a change event of Debezium")
                .hasMessageContaining(value);
    }

    @Test
    void aChangeWithoutKeyIsRefused() {
        assertThatThrownBy(() -> EnvelopeParser.parse(
                        null, "{\"op\":\"c\",\"after\":{\"id\":1},\"source\":{\"lsn\":1,\"ts_us\":1}}"))
                .hasMessageContaining("primary key");
        assertThatThrownBy(() -> EnvelopeParser.parse(null, null)).hasMessageContaining("neither key nor value");
    }

    private static Map<String, @Nullable String> transaction(String id, String amount) {
        return Map.of(
                "transaction_id",
                id,
                "user_id",
                "1",
                "amount",
                amount,
                "vendor",
                "bakery",
                "source",
                "web",
                "time",
                "2026-11-21T11:10:08.928676Z");
    }

    private static List<ChangeEvent> recorded(String topic, int partition) {
        return records().stream()
                .filter(node -> node.path("topic").asText().equals(topic)
                        && node.path("partition").asInt() == partition)
                .map(node -> EnvelopeParser.parse(
                        node.path("key").isNull() ? null : node.path("key").asText(),
                        node.path("value").isNull() ? null : node.path("value").asText()))
                .toList();
    }

    private static List<JsonNode> records() {
        try (InputStream in =
                Objects.requireNonNull(EnvelopeParserTest.class.getResourceAsStream("/envelopes/recorded.jsonl"))) {
            List<JsonNode> nodes = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                nodes.add(JSON.readTree(line));
            }
            return nodes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
