package dev.larder.servers;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/** The processes of a stack, in the order in which they are needed. */
public enum Part {
    POSTGRES("PostgreSQL"),
    KAFKA("Kafka"),
    CONNECT("Kafka Connect"),
    REDIS("Redis"),
    MINIO("MinIO"),
    TRINO("Trino"),
    AIRFLOW("Airflow");

    /** What the embedded demo consists of. */
    static final Set<Part> EMBEDDED = Set.of(POSTGRES, KAFKA, CONNECT);

    private final String title;

    Part(String title) {
        this.title = title;
    }

    /** The name that people know. */
    public String title() {
        return title;
    }

    static List<Part> inReverse() {
        Part[] parts = values();
        return IntStream.range(0, parts.length)
                .mapToObj(i -> parts[parts.length - 1 - i])
                .toList();
    }

    /** These parts and those that they cannot do without. */
    static Set<Part> withNeeds(Iterable<Part> parts) {
        Set<Part> all = EnumSet.noneOf(Part.class);
        for (Part part : parts) {
            all.add(part);
            all.addAll(part.needs());
        }
        return all;
    }

    private List<Part> needs() {
        return switch (this) {
            case POSTGRES, KAFKA, REDIS, MINIO -> List.of();
            case CONNECT -> List.of(KAFKA);
            case TRINO -> List.of(POSTGRES, MINIO);
            case AIRFLOW -> List.of(POSTGRES);
        };
    }

    /** The name of its files and folders. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
