package dev.larder.materializer.ingest;

import dev.larder.model.DataSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.jspecify.annotations.Nullable;

/** Debezium's topics in Kafka. */
public final class KafkaChangeLog implements ChangeLog {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int RECORDS_PER_TASK = 20_000;

    private final SparkSession spark;
    private final String bootstrapServers;

    public KafkaChangeLog(SparkSession spark, String bootstrapServers) {
        this.spark = spark;
        this.bootstrapServers = bootstrapServers;
    }

    @Override
    public Batch read(DataSource source, KafkaOffsets from, LongAccumulator counter) {
        Map<Integer, Long> start = new HashMap<>();
        Map<Integer, Long> end = new HashMap<>();
        try (Consumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = partitions(consumer, source);
            Map<TopicPartition, Long> earliest = consumer.beginningOffsets(partitions, TIMEOUT);
            Map<TopicPartition, Long> latest = consumer.endOffsets(partitions, TIMEOUT);
            for (TopicPartition partition : partitions) {
                long first = Objects.requireNonNull(earliest.get(partition));
                long last = Objects.requireNonNull(latest.get(partition));
                Long wanted = from.next().get(partition.partition());
                if (wanted != null && (wanted < first || wanted > last)) {
                    throw offsetsGone(source, partition, wanted, first, last);
                }
                start.put(partition.partition(), wanted == null ? first : wanted);
                end.put(partition.partition(), last);
            }
        } catch (KafkaException e) {
            throw unavailable(e);
        }
        for (Integer partition : from.next().keySet()) {
            if (!end.containsKey(partition)) {
                throw offsetsGone(
                        source,
                        new TopicPartition(source.topic(), partition),
                        from.next().get(partition),
                        0,
                        0);
            }
        }
        KafkaOffsets starting = new KafkaOffsets(source.topic(), start);
        KafkaOffsets ending = new KafkaOffsets(source.topic(), end);
        return new Batch(events(source, starting, ending, counter), starting, ending);
    }

    private Dataset<Row> events(DataSource source, KafkaOffsets start, KafkaOffsets end, LongAccumulator counter) {
        EventRows rows = new EventRows(source);
        return spark.read()
                .format("kafka")
                .option("kafka.bootstrap.servers", bootstrapServers)
                .option("subscribe", source.topic())
                .option("startingOffsets", start.toJson())
                .option("endingOffsets", end.toJson())
                .option("failOnDataLoss", "true")
                .option("minPartitions", Long.toString(1 + end.since(start) / RECORDS_PER_TASK))
                .load()
                .select("partition", "offset", "timestamp", "key", "value")
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) records -> parse(rows, records, counter),
                        Encoders.row(ChangeColumns.schema(source)));
    }

    private static Iterator<Row> parse(EventRows rows, Iterator<Row> records, LongAccumulator counter) {
        Stream<Row> stream = StreamSupport.stream(((Iterable<Row>) () -> records).spliterator(), false);
        return stream.map(row -> {
                    counter.add(1);
                    return rows.row(
                            row.getInt(0), row.getLong(1), (Instant) row.get(2), text(row.get(3)), text(row.get(4)));
                })
                .filter(Objects::nonNull)
                .iterator();
    }

    private static @Nullable String text(@Nullable Object bytes) {
        return bytes == null ? null : new String((byte[]) bytes, StandardCharsets.UTF_8);
    }

    private Consumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false,
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        (int) TIMEOUT.toMillis(),
                        ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        (int) TIMEOUT.toMillis()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, DataSource source) {
        List<PartitionInfo> infos;
        try {
            infos = consumer.partitionsFor(source.topic(), TIMEOUT);
        } catch (UnknownTopicOrPartitionException e) {
            throw noTopic(source, e);
        }
        if (infos == null || infos.isEmpty()) {
            throw noTopic(source, null);
        }
        return infos.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    private LarderException noTopic(DataSource source, @Nullable Exception cause) {
        return new LarderException(
                ErrorCode.STEP_MISSING,
                ("Topic %s of source %s does not exist in Kafka at %s: nothing of table %s has been captured yet. Start the"
                                + " capture first (the connector of cdc/README.md; 'larder demo' runs one), and check topic: of the source.")
                        .formatted(source.topic(), source.name(), bootstrapServers, source.table()),
                cause);
    }

    private LarderException unavailable(KafkaException cause) {
        return new LarderException(
                ErrorCode.SOURCE_UNAVAILABLE,
                "Kafka at %s does not answer: %s. Start it, or correct larder.kafka.bootstrap_servers of feature_store.yaml."
                        .formatted(bootstrapServers, cause.getMessage()),
                cause);
    }

    private static LarderException offsetsGone(
            DataSource source, TopicPartition partition, long wanted, long first, long last) {
        return new LarderException(
                ErrorCode.SOURCE_UNAVAILABLE,
                ("Kafka no longer holds the changes of source %s from offset %d of %s on (it has %d to %d): they were removed, or"
                                + " the topic was made anew. Nothing was read, so that no change is skipped. Point the project to a new"
                                + " lake (larder.lake of feature_store.yaml), let the connector take a new snapshot, and ingest again.")
                        .formatted(source.name(), wanted, partition, first, last));
    }
}
