package dev.larder.servers;

/**
 * What can be chosen about a stack.
 *
 * @param postgresPort a port that must be used, or 0 for a free one that is kept from then on
 * @param kafkaPort likewise
 * @param connectPort likewise
 * @param durable whether PostgreSQL waits for the disk at each commit; false loses data in a power cut and is for tests
 */
public record StackOptions(int postgresPort, int kafkaPort, int connectPort, boolean durable) {

    public StackOptions {
        requirePort("postgresPort", postgresPort);
        requirePort("kafkaPort", kafkaPort);
        requirePort("connectPort", connectPort);
    }

    /** Free ports, durable. */
    public static StackOptions defaults() {
        return new StackOptions(0, 0, 0, true);
    }

    /** Free ports, quick rather than durable. */
    public static StackOptions forTests() {
        return new StackOptions(0, 0, 0, false);
    }

    private static void requirePort(String name, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(
                    "%s: %s (expected: 1 to 65535, or 0 for a free one)".formatted(name, port));
        }
    }
}
