import dev.feast.FeastClient;
import dev.feast.Row;
import dev.feast.SecurityConfig;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Asks a server with the Java client that Feast publishes and prints what it gets: a line for each row, or for the refusal. It is
 * run from its source, on a class path of its own: the client's gRPC and protobuf are years older than ours.
 *
 * <p>Arguments: host, port, and a certificate to trust where the server has TLS.
 */
public final class AskWithFeast {
    private AskWithFeast() {}

    public static void main(String[] arguments) throws Exception {
        String host = arguments[0];
        int port = Integer.parseInt(arguments[1]);
        try (FeastClient client = arguments.length > 2
                ? FeastClient.createSecure(
                        host,
                        port,
                        SecurityConfig.newBuilder()
                                .setTLSEnabled(true)
                                .setCertificatePath(Optional.of(arguments[2]))
                                .build())
                : FeastClient.create(host, port)) {
            System.out.println("version " + client.getFeastServingInfo().getVersion());
            ask(
                    client,
                    List.of(
                            "driver_basic:f_int64",
                            "driver_basic:f_int32",
                            "driver_basic:f_double",
                            "driver_basic:f_float",
                            "driver_basic:f_string",
                            "driver_basic:f_bool",
                            "driver_basic:f_bytes",
                            "driver_basic:f_ts",
                            "driver_stale:score"),
                    Row.create().set("driver_id", 1001L),
                    Row.create().set("driver_id", 1003L),
                    Row.create().set("driver_id", 9999L));
            ask(
                    client,
                    List.of(
                            "driver_basic:l_int64",
                            "driver_basic:l_int32",
                            "driver_basic:l_double",
                            "driver_basic:l_float",
                            "driver_basic:l_string",
                            "driver_basic:l_bool",
                            "driver_basic:l_bytes",
                            "driver_basic:l_ts",
                            "driver_rich:r_uuid"),
                    Row.create().set("driver_id", 1001L));
            ask(client, List.of("driver_stale:score"), Row.create().set("driver_id", 1001).set("label", "x"));
            ask(
                    client,
                    List.of("pair_stats:trips"),
                    Row.create().set("driver_id", "1001").set("customer_id", "c1"));
            ask(client, List.of("nope:x"), Row.create().set("driver_id", 1001L));
            ask(client, List.of("driver_stale:score"), Row.create().set("driver_id", "abc"));
        }
    }

    private static void ask(FeastClient client, List<String> features, Row... rows) {
        try {
            for (Row row : client.getOnlineFeatures(features, List.of(rows), "the client does not send the project")) {
                StringBuilder line = new StringBuilder("row");
                new TreeMap<>(row.getFields())
                        .forEach((name, value) -> line.append(" | ")
                                .append(name)
                                .append(" = ")
                                .append(value.toString().trim().replaceAll("\\s+", " "))
                                .append(" ")
                                .append(row.getStatus(name)));
                System.out.println(
                        line.append(" | at ").append(row.getEntityTimestamp().getSeconds()));
            }
        } catch (StatusRuntimeException e) {
            System.out.println("refused | " + e.getMessage());
        }
    }
}
