package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Redis in each of the ways in which companies run it, for tests: empty, nothing kept, gone when this is closed. */
public final class RedisServers implements AutoCloseable {
    private static final Duration TIME_TO_AGREE = Duration.ofSeconds(30);
    private static final int SLOTS = 16_384;

    private final Path folder;
    private final Path program;
    private final Ports ports;
    private final List<RedisServer> started = new ArrayList<>();

    private RedisServers(Path folder, Path program) {
        this.folder = folder;
        this.program = program;
        ports = Ports.read(folder.resolve("ports"));
    }

    /**
     * @param folder an empty one
     * @throws LarderException {@code STEP_MISSING} if there is no redis-server; {@link NativeTools#missing} says so beforehand
     */
    public static RedisServers in(Path folder) {
        // Some systems have one program for all of Redis, which goes by the name that it is called by.
        return new RedisServers(
                folder, NativeTools.find(Part.REDIS, ProjectFiles.find()).resolveSibling("redis-server"));
    }

    /** @param options as in redis.conf, {@code "requirepass secret"} for example */
    public RedisServer standalone(String... options) {
        return start(List.of(options), false);
    }

    /** A server that takes encrypted connections only. */
    public RedisServer encrypted(Path authority, Path certificate, Path key, String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("tls-ca-cert-file " + authority);
        all.add("tls-cert-file " + certificate);
        all.add("tls-key-file " + key);
        all.add("tls-auth-clients no");
        return start(all, true);
    }

    /** A cluster of masters that share the slots evenly. */
    public List<RedisServer> cluster(int masters) {
        List<RedisServer> nodes = new ArrayList<>();
        for (int i = 0; i < masters; i++) {
            nodes.add(standalone(
                    "cluster-enabled yes",
                    "cluster-config-file nodes.conf",
                    "cluster-node-timeout 2000",
                    "cluster-port " + ports.claim("bus-" + i, "a Redis cluster's bus", 0)));
        }
        for (int i = 0; i < masters; i++) {
            RedisServer node = nodes.get(i);
            node.cli(
                    "CLUSTER",
                    "ADDSLOTSRANGE",
                    Integer.toString(i * SLOTS / masters),
                    Integer.toString((i + 1) * SLOTS / masters - 1));
            RedisServer first = nodes.get(0);
            if (node != first) {
                String bus = first.cli("CONFIG", "GET", "cluster-port")
                        .lines()
                        .skip(1)
                        .collect(Collectors.joining());
                node.cli("CLUSTER", "MEET", Ports.HOST, Integer.toString(first.port()), bus);
            }
        }
        agree("The nodes of the cluster did not find each other", () -> nodes.stream()
                .allMatch(node -> {
                    String info = node.cli("CLUSTER", "INFO");
                    return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:" + masters);
                }));
        return List.copyOf(nodes);
    }

    /**
     * A master with a replica and a sentinel that replaces the one by the other.
     *
     * @param name what the sentinel calls the master
     */
    public Sentinel sentinel(String name, String... options) {
        RedisServer master = standalone(options);
        List<String> ofReplica = new ArrayList<>(List.of(options));
        ofReplica.add("replicaof %s %d".formatted(Ports.HOST, master.port()));
        RedisServer replica = standalone(ofReplica.toArray(String[]::new));
        List<String> ofSentinel = new ArrayList<>(List.of(
                "sentinel monitor %s %s %d 1".formatted(name, Ports.HOST, master.port()),
                "sentinel down-after-milliseconds %s 500".formatted(name),
                "sentinel failover-timeout %s 5000".formatted(name)));
        List.of(options).stream()
                .filter(option -> option.startsWith("requirepass "))
                .forEach(option -> ofSentinel.add(option.replace("requirepass", "sentinel auth-pass " + name)));
        RedisServer sentinel = start(ofSentinel, false, "--sentinel");
        agree(
                "The sentinel did not find the replica",
                () -> replica.cli("INFO", "replication").contains("master_link_status:up")
                        && sentinel.cli("SENTINEL", "REPLICAS", name).contains(Integer.toString(replica.port())));
        return new Sentinel(sentinel, master, replica);
    }

    /** Three processes: who watches, who serves at first, and who takes its place. */
    public record Sentinel(RedisServer sentinel, RedisServer master, RedisServer replica) {}

    private RedisServer start(List<String> options, boolean encrypted, String... arguments) {
        String name = "redis-" + started.size();
        int port = ports.claim(name, "Redis", 0);
        Path home = folder.resolve(name);
        List<String> configuration = new ArrayList<>(List.of(
                "bind " + Ports.HOST,
                "port " + (encrypted ? 0 : port),
                "dir \"" + home + "\"",
                "logfile \"" + home.resolve("log") + "\"",
                "daemonize no"));
        if (encrypted) {
            configuration.add("tls-port " + port);
        }
        if (arguments.length == 0) {
            configuration.addAll(List.of("save \"\"", "appendonly no", "repl-diskless-sync-delay 0"));
        }
        configuration.addAll(options);
        try {
            Files.createDirectories(home);
            Files.write(home.resolve("redis.conf"), configuration);
        } catch (IOException e) {
            throw StackFolder.unusable(home, "written", e);
        }
        RedisServer server =
                new RedisServer(program, home, port, List.of(arguments), RedisServer.credentials(options, encrypted));
        started.add(server);
        server.start();
        return server;
    }

    private static void agree(String otherwise, BooleanSupplier condition) {
        if (!Waiting.until(TIME_TO_AGREE, condition)) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "%s within %d s.".formatted(otherwise, TIME_TO_AGREE.toSeconds()));
        }
    }

    @Override
    public void close() {
        for (int i = started.size() - 1; i >= 0; i--) {
            started.get(i).stop();
        }
    }
}
