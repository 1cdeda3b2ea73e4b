package dev.larder.servers;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What can be chosen about a stack.
 *
 * @param parts what is started
 * @param ports ports that must be used; a part that is not named gets a free one that is kept from then on
 * @param kind in which of its two ways a part runs that both the embedded demo and the full stack have
 * @param durable whether PostgreSQL waits for the disk at each commit; false loses data in a power cut and is for tests
 * @param trinoHeapMegabytes how large Trino's heap may grow, or 0 for what trino/etc/jvm.config says
 * @param airflowVariables what Airflow's tasks find in their environment beside the addresses, as LARDER_REPO
 */
public record StackOptions(
        Set<Part> parts,
        Map<Part, Integer> ports,
        Kind kind,
        boolean durable,
        int trinoHeapMegabytes,
        Map<String, String> airflowVariables) {
    private static final int HIGHEST_PORT = 65_535;

    /** Two ways to run the same parts. */
    public enum Kind {
        /** Connect runs standalone, which is the quicker start, and forgets its connectors. */
        EMBEDDED,
        /** Connect keeps its connectors in Kafka, and PostgreSQL carries the lake's catalog and Airflow's database too. */
        FULL
    }

    public StackOptions {
        parts = Set.copyOf(parts);
        ports = Map.copyOf(ports);
        airflowVariables = Map.copyOf(airflowVariables);
        ports.forEach((part, port) -> {
            if (port < 1 || port > HIGHEST_PORT) {
                throw new IllegalArgumentException(
                        "port of %s: %s (expected: 1 to %s)".formatted(part, port, HIGHEST_PORT));
            }
        });
        if (trinoHeapMegabytes < 0) {
            throw new IllegalArgumentException(
                    "trinoHeapMegabytes: %s (expected: 0 or more)".formatted(trinoHeapMegabytes));
        }
    }

    /** The embedded demo: PostgreSQL, Kafka and Connect on free ports, durable. */
    public static StackOptions defaults() {
        return new StackOptions(Part.EMBEDDED, Map.of(), Kind.EMBEDDED, true, 0, Map.of());
    }

    /** The embedded demo's parts on free ports, quick rather than durable. */
    public static StackOptions forTests() {
        return new StackOptions(Part.EMBEDDED, Map.of(), Kind.EMBEDDED, false, 0, Map.of());
    }

    /** All parts on free ports, durable. */
    public static StackOptions full() {
        return defaults().withParts(Part.values());
    }

    /** All parts on free ports, quick rather than durable. */
    public static StackOptions fullForTests() {
        return forTests().withParts(Part.values());
    }

    /** Just these parts, and those that they cannot do without, as the full stack runs them. */
    public StackOptions withParts(Part... chosen) {
        return new StackOptions(
                Part.withNeeds(List.of(chosen)), ports, Kind.FULL, durable, trinoHeapMegabytes, airflowVariables);
    }

    /** Without these parts. */
    public StackOptions without(Part... left) {
        Set<Part> rest = EnumSet.copyOf(parts);
        Arrays.asList(left).forEach(rest::remove);
        return new StackOptions(rest, ports, kind, durable, trinoHeapMegabytes, airflowVariables);
    }

    /** With a port that must be used. */
    public StackOptions withPort(Part part, int port) {
        Map<Part, Integer> all = new EnumMap<>(Part.class);
        all.putAll(ports);
        all.put(part, port);
        return new StackOptions(parts, all, kind, durable, trinoHeapMegabytes, airflowVariables);
    }

    public StackOptions withTrinoHeapMegabytes(int megabytes) {
        return new StackOptions(parts, ports, kind, durable, megabytes, airflowVariables);
    }

    public StackOptions withAirflowVariables(Map<String, String> variables) {
        return new StackOptions(parts, ports, kind, durable, trinoHeapMegabytes, variables);
    }

    int port(Part part) {
        return ports.getOrDefault(part, 0);
    }
}
