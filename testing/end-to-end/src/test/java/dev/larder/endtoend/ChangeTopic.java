package dev.larder.endtoend;

import dev.larder.servers.StackEndpoints;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** How much a topic of one partition holds. */
record ChangeTopic(String servers, TopicPartition partition) {

    static ChangeTopic of(StackEndpoints endpoints, String topic) {
        return new ChangeTopic(endpoints.kafka().bootstrapServers(), new TopicPartition(topic, 0));
    }

    /** The offset that the next record will get. */
    long end() {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", servers);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(List.of(partition)).values().iterator().next();
        }
    }
}
