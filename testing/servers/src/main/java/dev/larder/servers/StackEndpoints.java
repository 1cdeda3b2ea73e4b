package dev.larder.servers;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where the parts of a running stack answer.
 *
 * @param ports the port of each part that runs
 * @param minio empty if it does not run, as with the other parts below
 */
public record StackEndpoints(
        Map<Part, Integer> ports, Optional<MinioEndpoint> minio, Optional<AirflowEndpoint> airflow) {
    /** The bucket that the native stack's commands use; whoever writes to it first makes it. */
    public static final String BUCKET = "larder";

    public StackEndpoints {
        ports = Map.copyOf(ports);
    }

    /** @throws IllegalStateException if it does not run, as with the other parts that the embedded demo has */
    public PostgresEndpoint postgres() {
        return postgres(PostgresPart.DATABASE, PostgresPart.USER);
    }

    /** The database of the lake's catalog, on the same server; a stack of the kind {@code FULL} has it. */
    public PostgresEndpoint catalog() {
        return postgres(PostgresPart.CATALOG, PostgresPart.CATALOG);
    }

    public KafkaEndpoint kafka() {
        return new KafkaEndpoint(Ports.HOST, required(Part.KAFKA));
    }

    public ConnectEndpoint connect() {
        return new ConnectEndpoint(url(required(Part.CONNECT)));
    }

    public Optional<RedisEndpoint> redis() {
        return port(Part.REDIS).map(port -> new RedisEndpoint(Ports.HOST, port));
    }

    public Optional<TrinoEndpoint> trino() {
        return port(Part.TRINO).map(port -> new TrinoEndpoint(url(port)));
    }

    /**
     * The variables of feature_repo/banking/feature_store.stack.yaml, of trino/etc and of the AWS SDK, as far as their parts
     * run. PostgreSQL takes any password here; the variables are there because the files name them.
     */
    public Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        if (ports.containsKey(Part.POSTGRES)) {
            put(variables, "LARDER_POSTGRES_", postgres());
            put(variables, "LARDER_CATALOG_", catalog());
        }
        if (ports.containsKey(Part.KAFKA)) {
            variables.put("LARDER_KAFKA", kafka().bootstrapServers());
        }
        if (ports.containsKey(Part.CONNECT)) {
            variables.put("LARDER_CONNECT", connect().url().toString());
        }
        redis().ifPresent(redis -> variables.put("LARDER_REDIS", redis.connectionString()));
        minio().ifPresent(minio -> {
            variables.put("LARDER_S3_ENDPOINT", minio.url().toString());
            variables.put("LARDER_S3_PATH_STYLE", "true");
            variables.put("LARDER_BUCKET", BUCKET);
            variables.put("AWS_ACCESS_KEY_ID", minio.accessKey());
            variables.put("AWS_SECRET_ACCESS_KEY", minio.secretKey());
            variables.put("AWS_REGION", MinioEndpoint.REGION);
        });
        trino().ifPresent(trino -> variables.put("LARDER_TRINO", trino.url().toString()));
        return variables;
    }

    private static void put(Map<String, String> variables, String prefix, PostgresEndpoint endpoint) {
        variables.put(prefix + "HOST", endpoint.host());
        variables.put(prefix + "PORT", Integer.toString(endpoint.port()));
        variables.put(prefix + "DATABASE", endpoint.database());
        variables.put(prefix + "USER", endpoint.user());
        variables.put(prefix + "PASSWORD", "any");
    }

    private PostgresEndpoint postgres(String database, String user) {
        return new PostgresEndpoint(Ports.HOST, required(Part.POSTGRES), database, user);
    }

    static URI url(int port) {
        return URI.create("http://%s:%s".formatted(Ports.HOST, Integer.toString(port)));
    }

    private Optional<Integer> port(Part part) {
        return Optional.ofNullable(ports.get(part));
    }

    private int required(Part part) {
        return port(part)
                .orElseThrow(() -> new IllegalStateException(
                        "%s does not run in this stack (running: %s).".formatted(part.title(), ports.keySet())));
    }
}
