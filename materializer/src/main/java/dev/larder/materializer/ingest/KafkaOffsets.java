package dev.larder.materializer.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The next offset to read of each partition of a topic; as text {@code {"topic":{"partition":offset}}}, which Spark's Kafka
 * source takes too.
 */
public record KafkaOffsets(String topic, Map<Integer, Long> next) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public KafkaOffsets {
        next = Map.copyOf(next);
    }

    /** @return the offsets of the topic; none if the text is about another one */
    static KafkaOffsets parse(String topic, String text) {
        try {
            Map<String, Map<Integer, Long>> topics =
                    JSON.readValue(text, new TypeReference<Map<String, Map<Integer, Long>>>() {});
            return new KafkaOffsets(topic, topics.getOrDefault(topic, Map.of()));
        } catch (JsonProcessingException e) {
            throw new LarderException(
                    ErrorCode.LAKE_UNAVAILABLE,
                    "The offsets kept in the lake cannot be read: %s (expected: {\"topic\":{\"partition\":offset}})"
                            .formatted(text),
                    e);
        }
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(Map.of(topic, new TreeMap<>(next)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Numbers are always JSON", e);
        }
    }

    /** How many offsets lie between an earlier position and this one; a partition absent there counts from 0. */
    long since(KafkaOffsets earlier) {
        return next.entrySet().stream()
                .mapToLong(end -> end.getValue() - earlier.next().getOrDefault(end.getKey(), 0L))
                .sum();
    }
}
