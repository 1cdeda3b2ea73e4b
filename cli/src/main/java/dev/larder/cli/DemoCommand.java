package dev.larder.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.larder.cdc.PostgresSource;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.registry.config.FeatureStoreConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        header = "Run the banking example end to end on embedded real parts.",
        description = {
            "Starts PostgreSQL, Kafka and Kafka Connect on 127.0.0.1, writes weeks of transactions, lets them flow, computes,",
            "materializes, exports a training set and asks the server one question. What is done is not done twice.",
            "Parts that feature_store.yaml names are used instead of started: the rows are written into that PostgreSQL.",
            ""
        },
        footer = {"", "Examples:", "  larder demo", "  larder demo --users 5000 --days 56 --seed 7"})
final class DemoCommand implements Callable<Integer> {
    private static final String SERVICE = "user_risk";
    private static final int STEPS = 7;

    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Mixin
    private GenerateCommand.Size size = new GenerateCommand.Size();

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port of the feature server. Default: ${DEFAULT-VALUE}")
    private int port = FeatureServer.PORT;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "Ask this feature server, which serves the same repository, instead of starting one.")
    private @Nullable String servedBy;

    private int step;

    @Override
    public Integer call() throws InterruptedException {
        long started = System.nanoTime();
        FeatureStoreConfig config = larder.config();
        larder.repository(config);
        FeatureServer server = FeatureServer.of(config);
        if (servedBy == null && server.url().isEmpty()) {
            FeatureServer.requireFree(port);
        }
        AtomicBoolean done = new AtomicBoolean();
        Thread undo = new Thread(() -> {
            if (!done.get()) {
                StopCommand.stopOwn(config);
            }
        });
        Runtime.getRuntime().addShutdownHook(undo);

        title("Start PostgreSQL, Kafka and Kafka Connect");
        if (Parts.areYours(config)) {
            System.out.println("  feature_store.yaml names them");
        } else {
            StartCommand.start(larder, config);
        }
        title("Apply the definitions");
        ApplyCommand.apply(larder, config);
        title("Write transactions and customers, captured by Debezium as they come");
        GenerateCommand.createTables(config);
        ConnectCommand.connect(larder, config);
        GenerateCommand.generate(larder, config, size, GenerateCommand.ALL_DAYS);
        title("Ingest changes, compute features, materialize the latest values");
        int spark = pipeline(config);
        if (spark != 0) {
            return spark;
        }
        title("Export a training set");
        Path training = exportTrainingSet(config);
        title("Serve");
        String url = servedBy == null ? server.start(larder.home(), port) : servedBy;
        System.out.printf("  %s%n", url);
        title("Ask");
        ask(config, url);
        showTrainingSet(training);
        showWhereThingsAre(config, url, started);
        done.set(true);
        return 0;
    }

    private void title(String text) {
        step++;
        System.out.printf("%n%d/%d %s%n", step, STEPS, text);
    }

    private int pipeline(FeatureStoreConfig config) {
        IngestCommand.awaitSource(larder, config, Duration.ofMinutes(10));
        return new SparkSteps()
                .add(List.of("ingest"))
                .add(List.of("compute"))
                .add(List.of("materialize-incremental", Instant.now().toString()))
                .run(larder.home(), config, new Parts(config).kafka());
    }

    private Path exportTrainingSet(FeatureStoreConfig config) {
        Path folder = config.larder().data();
        createFolder(folder);
        Path entities = folder.resolve("entities.csv");
        Path training = folder.resolve("training_set.parquet");
        writeEntities(new Parts(config).postgres(), entities);
        for (Path out : List.of(folder.resolve("training_set.csv"), training)) {
            TrainingSetCommand.export(larder, config, entities, SERVICE, out);
        }
        return folder.resolve("training_set.csv");
    }

    private static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE, "Cannot create %s: %s".formatted(folder, e.getMessage()), e);
        }
    }

    /** Every hundredth transaction is an example, in no particular order; the label says whether it was a large one. */
    private static void writeEntities(PostgresSource postgres, Path file) {
        String query =
                """
                select user_id, to_char(time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
                       case when amount > 100 then 1 else 0 end as label
                from transactions where transaction_id % 100 = 0 order by md5(transaction_id::text) limit 10000
                """;
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query);
                Writer out = Files.newBufferedWriter(file)) {
            out.write("user_id,event_timestamp,label\n");
            while (rows.next()) {
                out.write("%d,%s,%d%n".formatted(rows.getLong(1), rows.getString(2), rows.getInt(3)));
            }
        } catch (SQLException e) {
            throw new LarderException(ErrorCode.SOURCE_UNAVAILABLE, "Cannot read transactions: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void ask(FeatureStoreConfig config, String url) throws InterruptedException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode request = json.createObjectNode().put("feature_service", SERVICE);
        ArrayNode ids = request.putObject("entities").putArray("user_id");
        someUsers(new Parts(config).postgres()).forEach(ids::add);
        String body = request.toString();
        System.out.printf(
                "  curl -s %s/get-online-features -H 'Content-Type: application/json' -d '%s'%n%n", url, body);
        try {
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(url + "/get-online-features"))
                                    .header("Content-Type", "application/json")
                                    .timeout(Duration.ofSeconds(30))
                                    .POST(HttpRequest.BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new LarderException(
                        ErrorCode.PROCESS_FAILED,
                        "The feature server answered %d: %s".formatted(response.statusCode(), response.body()));
            }
            System.out.println(oneLineEach(json, response.body()));
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED,
                    "The feature server at " + url + " does not answer: " + e.getMessage(),
                    e);
        }
    }

    /** The answer as JSON with one line per feature, which a person can read. */
    private static String oneLineEach(ObjectMapper json, String answer) throws JsonProcessingException {
        var tree = json.readTree(answer);
        List<String> results = new ArrayList<>();
        tree.path("results").forEach(result -> results.add("    " + result));
        return "  {\"results\": [\n" + String.join(",\n", results) + "],\n   \"metadata\": " + tree.path("metadata")
                + "}";
    }

    private static List<Long> someUsers(PostgresSource postgres) {
        try (Connection connection = postgres.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select user_id from transactions group by 1 order by count(*) desc, 1 limit 3")) {
            List<Long> users = new ArrayList<>();
            while (rows.next()) {
                users.add(rows.getLong(1));
            }
            return users;
        } catch (SQLException e) {
            throw new LarderException(ErrorCode.SOURCE_UNAVAILABLE, "Cannot read transactions: " + e.getMessage(), e);
        }
    }

    private static void showTrainingSet(Path csv) {
        System.out.printf("%nTraining set %s, first lines:%n", csv);
        try (BufferedReader lines = Files.newBufferedReader(csv)) {
            for (int i = 0; i < 4; i++) {
                String line = lines.readLine();
                if (line != null) {
                    System.out.println("  " + line);
                }
            }
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PATH_UNUSABLE, "Cannot read " + csv + ": " + e.getMessage(), e);
        }
    }

    private void showWhereThingsAre(FeatureStoreConfig config, String url, long started) {
        System.out.printf("%nRunning:%n");
        StatusCommand.print(config, Optional.of(url));
        System.out.printf("  %-16s %s/health%n", "health", url);
        System.out.printf(
                Locale.ROOT,
                "%nDone in %.0f s. The servers keep running.%n  stop:        ./setup_project.sh stop%n  start over:  ./setup_project.sh clean, then ./setup_project.sh%n",
                (System.nanoTime() - started) / 1e9);
    }
}
