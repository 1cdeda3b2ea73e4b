package dev.larder.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What Debezium's PostgreSQL connector is told to capture; the same for a standalone and a distributed Kafka Connect.
 *
 * <p>Every setting on which the meaning of the change events depends is given here and nothing is left to the worker: how
 * values arrive is described at {@link ChangeEvent}.
 *
 * @param name the connector's name in Kafka Connect
 * @param settings the body of {@code PUT /connectors/NAME/config}, in a stable order
 */
public record ConnectorConfig(String name, Map<String, String> settings) {
    /** Marks a large value that an update left alone, which PostgreSQL therefore did not log. */
    static final String UNCHANGED = "__larder_unchanged__";

    /** How often Debezium says in Kafka how far it has come when no captured table changes. */
    private static final int HEARTBEAT_MILLIS = 1_000;

    private static final long HEARTBEAT_RETENTION_MILLIS = 3_600_000;
    private static final int MAX_NAME = 63;

    public ConnectorConfig {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /**
     * @param project names the replication slot and the publication, {@code larder_<project>}
     * @param name the connector's name in Kafka Connect
     * @param postgres as seen from Kafka Connect
     * @param sources at least one; their topics must be {@code PREFIX.SCHEMA.TABLE} with one prefix for all
     * @param partitions of each topic that does not exist yet; all events of one row are in one partition
     * @throws LarderException {@code DEFINITION_INVALID} if a topic does not have that form
     */
    public static ConnectorConfig of(
            String project, String name, PostgresSource postgres, List<DataSource> sources, int partitions) {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions: %s (expected: >= 1)".formatted(partitions));
        }
        String prefix = topicPrefix(sources);
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        settings.put("tasks.max", "1");
        settings.put("database.hostname", postgres.host());
        settings.put("database.port", Integer.toString(postgres.port()));
        settings.put("database.dbname", postgres.database());
        settings.put("database.user", postgres.user());
        String password = postgres.password();
        if (password != null) {
            settings.put("database.password", password);
        }
        settings.put("topic.prefix", prefix);
        settings.put(
                "table.include.list",
                sources.stream().map(source -> pattern(source.table())).sorted().collect(Collectors.joining(",")));
        putLogSettings(settings, slotName(project));
        putValueSettings(settings);
        putTopicSettings(settings, prefix, partitions);
        return new ConnectorConfig(name, settings);
    }

    /** The name of a project's replication slot, and of its publication. */
    public static String slotName(String project) {
        String slot = "larder_" + project.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return slot.substring(0, Math.min(MAX_NAME, slot.length()));
    }

    /** The settings as indented JSON. */
    public String toJson() {
        try {
            return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(settings) + "\n";
        } catch (JsonProcessingException e) {
            throw new LarderException(ErrorCode.INTERNAL, "Connector " + name + " cannot be written as JSON: " + e, e);
        }
    }

    /** Without the settings, one of which is a password. */
    @Override
    public String toString() {
        return "connector " + name;
    }

    private static void putLogSettings(Map<String, String> settings, String slot) {
        settings.put("plugin.name", "pgoutput");
        settings.put("slot.name", slot);
        settings.put("publication.name", slot);
        // The connector makes the publication, for exactly the tables above, and changes it with them.
        settings.put("publication.autocreate.mode", "filtered");
        settings.put("snapshot.mode", "initial");
        // PostgreSQL hears of a position only after Kafka has acknowledged all events before it.
        settings.put("lsn.flush.mode", "connector");
        settings.put("heartbeat.interval.ms", Integer.toString(HEARTBEAT_MILLIS));
        settings.put("poll.interval.ms", "50");
        settings.put("retriable.restart.connector.wait.ms", "2000");
    }

    private static void putValueSettings(Map<String, String> settings) {
        settings.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put("key.converter.schemas.enable", "false");
        settings.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
        settings.put("value.converter.schemas.enable", "false");
        settings.put("decimal.handling.mode", "string");
        settings.put("time.precision.mode", "microseconds");
        settings.put("unavailable.value.placeholder", UNCHANGED);
        settings.put("tombstones.on.delete", "true");
        // TRUNCATE is left out by default, and the rows would stay in the lake for ever.
        settings.put("skipped.operations", "none");
    }

    private static void putTopicSettings(Map<String, String> settings, String prefix, int partitions) {
        settings.put("topic.creation.default.partitions", Integer.toString(partitions));
        settings.put("topic.creation.default.replication.factor", "-1");
        settings.put("topic.creation.groups", "signs");
        settings.put("topic.creation.signs.include", "__debezium-heartbeat\\..*," + pattern(prefix) + "\\.message");
        settings.put("topic.creation.signs.partitions", "1");
        settings.put("topic.creation.signs.replication.factor", "-1");
        settings.put("topic.creation.signs.cleanup.policy", "delete");
        settings.put("topic.creation.signs.retention.ms", Long.toString(HEARTBEAT_RETENTION_MILLIS));
        settings.put("topic.creation.signs.segment.ms", Long.toString(HEARTBEAT_RETENTION_MILLIS));
    }

    private static String topicPrefix(List<DataSource> sources) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("sources: [] (expected: at least one data source)");
        }
        TreeSet<String> prefixes = new TreeSet<>();
        for (DataSource source : sources) {
            String end = "." + source.table();
            if (!source.topic().endsWith(end) || source.topic().length() == end.length()) {
                throw new LarderException(
                        ErrorCode.DEFINITION_INVALID,
                        "Data source %s: topic %s does not fit table %s (expected: PREFIX%s, for example %s%s)"
                                .formatted(source.name(), source.topic(), source.table(), end, source.name(), end));
            }
            prefixes.add(source.topic().substring(0, source.topic().length() - end.length()));
        }
        if (prefixes.size() > 1) {
            throw new LarderException(
                    ErrorCode.DEFINITION_INVALID,
                    "The topics of the data sources begin with %s (expected: one prefix, because one connector captures all tables)"
                            .formatted(String.join(" and ", prefixes)));
        }
        return prefixes.first();
    }

    /** Debezium reads names as regular expressions. */
    private static String pattern(String name) {
        return name.replaceAll("[^A-Za-z0-9_]", "\\\\$0");
    }
}
