package dev.larder.servers;

import java.util.List;
import java.util.Locale;

/** The processes of a stack, in the order in which they are needed. */
public enum Part {
    POSTGRES("PostgreSQL"),
    KAFKA("Kafka"),
    CONNECT("Kafka Connect");

    private final String title;

    Part(String title) {
        this.title = title;
    }

    /** The name that people know. */
    public String title() {
        return title;
    }

    static List<Part> inReverse() {
        return List.of(CONNECT, KAFKA, POSTGRES);
    }

    /** The name of its files and folders. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
