package dev.larder.onlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.RedisSettings.Node;
import dev.larder.onlinestore.RedisSettings.Tls;
import dev.larder.onlinestore.RedisSettings.Tls.Verification;
import dev.larder.onlinestore.RedisSettings.Topology;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Feast's {@code connection_string}: it hands every {@code name=value} to its Python client, so those names are understood
 * here, or known to matter to that client alone. A value in double quotes loses them, as in Feast, which reads JSON.
 */
final class RedisConnectionString {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(5);
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+");
    private static final int REDIS_PORT = 6_379;
    private static final int SENTINEL_PORT = 26_379;

    private static final Set<String> UNDERSTOOD = Set.of(
            "db",
            "username",
            "password",
            "client_name",
            "protocol",
            "socket_timeout",
            "socket_connect_timeout",
            "ssl",
            "ssl_cert_reqs",
            "ssl_check_hostname",
            "ssl_ca_certs",
            "ssl_certfile",
            "ssl_keyfile",
            "ssl_password");

    /** They tune how Feast's Python client pools, retries and decodes. */
    private static final Set<String> OF_THE_PYTHON_CLIENT = Set.of(
            "cluster_error_retry_attempts",
            "decode_responses",
            "dynamic_startup_nodes",
            "encoding",
            "encoding_errors",
            "health_check_interval",
            "lib_name",
            "lib_version",
            "max_connections",
            "read_from_replicas",
            "reinitialize_steps",
            "require_full_coverage",
            "retry_on_timeout",
            "single_connection_client",
            "skip_full_coverage_check",
            "socket_keepalive",
            "ssl_min_version",
            "ssl_validate_ocsp");

    private static final Set<String> SECRETS = Set.of("password", "ssl_password");

    private final List<String> hosts = new ArrayList<>();
    private final Map<String, String> parameters = new LinkedHashMap<>();
    /** Those that come after a secret: they may be the rest of one with a comma in it, so nothing of them is shown. */
    private final Set<String> doubtful = new HashSet<>();

    RedisConnectionString(String text) {
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                if (!parameters.isEmpty() && part.indexOf(':') < 0) {
                    throw notAHost();
                }
                hosts.add(part.strip());
            } else {
                String name = part.substring(0, equals).strip();
                boolean afterSecret = !Collections.disjoint(parameters.keySet(), SECRETS);
                if (!UNDERSTOOD.contains(name) && !OF_THE_PYTHON_CLIENT.contains(name)) {
                    throw invalid(
                            "connection_string: unknown parameter %s (expected: one of %s; a comma ends a value, so a password cannot hold one)"
                                    .formatted(
                                            afterSecret ? "after a password" : "'" + name + "'",
                                            String.join(", ", new TreeSet<>(UNDERSTOOD))));
                }
                if (afterSecret) {
                    doubtful.add(name);
                }
                parameters.put(name, unquoted(part.substring(equals + 1)));
            }
        }
    }

    RedisSettings settings(Topology topology, String sentinelMaster, OptionalInt keyTtlSeconds) {
        if (hosts.isEmpty()) {
            throw invalid("connection_string: no host in it (expected: host:port, for example localhost:6379)");
        }
        int timeToLive = keyTtlSeconds.orElse(0);
        if (timeToLive < 0) {
            throw invalid("key_ttl_seconds: %d (expected: 1 or more, or 0 for none)".formatted(timeToLive));
        }
        int database = integer("db", 0, 0, Integer.MAX_VALUE);
        if (topology == Topology.REDIS_CLUSTER && database != 0) {
            throw invalid("connection_string: db=%s (expected: 0, a cluster has no other)".formatted(shown("db")));
        }
        List<Node> nodes = hosts.stream()
                .map(host -> node(host, topology == Topology.REDIS_SENTINEL ? SENTINEL_PORT : REDIS_PORT))
                .toList();
        return new RedisSettings(
                topology,
                topology == Topology.REDIS ? nodes.subList(0, 1) : nodes,
                sentinelMaster,
                database,
                text("username"),
                text("password"),
                tls(),
                text("client_name"),
                integer("protocol", 0, 2, 3),
                duration("socket_connect_timeout", CONNECT_TIMEOUT),
                duration("socket_timeout", COMMAND_TIMEOUT),
                timeToLive,
                true);
    }

    private static Node node(String text, int defaultPort) {
        String[] parts = text.split(":", -1);
        try {
            int port = parts.length < 2 ? defaultPort : Integer.parseInt(parts[1]);
            if (parts.length <= 2 && HOST.matcher(parts[0]).matches() && port >= 1 && port <= 65_535) {
                return new Node(parts[0], port);
            }
        } catch (NumberFormatException e) {
            // Told below, like every other mistake.
        }
        throw notAHost();
    }

    /** Does not repeat the part, which may be the rest of a password with a comma in it. */
    private static LarderException notAHost() {
        return invalid(
                "connection_string: a part of it is neither host:port nor name=value (expected: for example redis.example.org:6379; Feast takes no IPv6 address, and no comma in a password)");
    }

    private @Nullable Tls tls() {
        if (!flag("ssl", false)) {
            return null;
        }
        String requirement =
                parameters.getOrDefault("ssl_cert_reqs", "required").toLowerCase(Locale.ROOT);
        Verification verification =
                switch (requirement) {
                    case "none" -> Verification.NONE;
                    case "optional", "required" ->
                        flag("ssl_check_hostname", true) ? Verification.AUTHORITY_AND_HOST : Verification.AUTHORITY;
                    default ->
                        throw invalid("connection_string: ssl_cert_reqs=%s (expected: none, optional or required)"
                                .formatted(shown("ssl_cert_reqs")));
                };
        String certificate = text("ssl_certfile");
        String key = text("ssl_keyfile");
        if ((certificate == null) != (key == null)) {
            throw invalid("connection_string: ssl_certfile and ssl_keyfile belong together (expected: both or none)");
        }
        return new Tls(verification, text("ssl_ca_certs"), certificate, key, text("ssl_password"));
    }

    private @Nullable String text(String name) {
        String text = parameters.get(name);
        return text == null || text.isEmpty() || text.equals("null") ? null : text;
    }

    private boolean flag(String name, boolean otherwise) {
        String text = parameters.get(name);
        if (text == null) {
            return otherwise;
        }
        return switch (text) {
            case "true", "1" -> true;
            case "false", "0", "null" -> false;
            // Python takes any other text, "False" too, for true; nobody means that.
            default -> throw invalid("connection_string: %s=%s (expected: true or false)".formatted(name, shown(name)));
        };
    }

    private int integer(String name, int otherwise, int least, int most) {
        String text = parameters.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw invalid("connection_string: %s=%s (expected: a whole number from %d%s)"
                .formatted(name, shown(name), least, most == Integer.MAX_VALUE ? "" : " to " + most));
    }

    private Duration duration(String name, Duration otherwise) {
        String text = parameters.get(name);
        if (text == null || text.equals("null")) {
            return otherwise;
        }
        try {
            Duration duration =
                    Duration.ofMillis(new BigDecimal(text).movePointRight(3).longValueExact());
            if (!duration.isNegative() && !duration.isZero()) {
                return duration;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Told below.
        }
        throw invalid(
                "connection_string: %s=%s (expected: seconds, for example 2 or 0.5)".formatted(name, shown(name)));
    }

    private String shown(String name) {
        return doubtful.contains(name) ? "***" : parameters.getOrDefault(name, "");
    }

    private static String unquoted(String value) {
        String text = value.strip();
        boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"") && !text.contains("\\");
        return quoted ? text.substring(1, text.length() - 1) : value;
    }

    static LarderException invalid(String problem) {
        return new LarderException(ErrorCode.DEFINITION_INVALID, "online_store." + problem);
    }
}
