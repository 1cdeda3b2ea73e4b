package dev.larder.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** docker-compose.yaml as docker compose's own parser understands it. */
public final class Compose {
    /** Stands for every secret of .env, so that it can be found where it has gone. */
    public static final String SECRET = "5ecret";

    static final Path PROGRAM = Project.ROOT.resolve("deploy/target/compose-check");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static boolean built;

    private final JsonNode services;
    private final JsonNode root;

    private Compose(JsonNode root) {
        this.root = root;
        this.services = root.path("services");
    }

    /** The file with all secrets given. */
    public static Compose with(String... profiles) {
        Command command = parse(Project.ROOT.resolve("docker-compose.yaml"), secrets(SECRET), profiles);
        assertThat(command.exitCode()).as(command.errors()).isZero();
        try {
            return new Compose(JSON.readTree(command.output()));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** .env.example with one value for all that it leaves open. */
    static String secrets(String value) {
        return Project.text(".env.example").replaceAll("(?m)^(\\w+)=$", "$1=" + value);
    }

    static Command parse(Path file, String environment, String... profiles) {
        build();
        try {
            Path environmentFile = Files.createTempFile("compose", ".env");
            Files.writeString(environmentFile, environment);
            List<String> command =
                    new ArrayList<>(List.of(PROGRAM.toString(), file.toString(), environmentFile.toString()));
            command.addAll(List.of(profiles));
            Command ended = Command.run(Project.ROOT, Map.of(), command);
            Files.delete(environmentFile);
            return ended;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Once for each run: Go itself knows whether the program is as its sources and versions say. */
    private static synchronized void build() {
        if (built) {
            return;
        }
        boolean go = List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "go")));
        Project.require(go, "No go in PATH: it compiles the parser of docker compose (see deploy/checks/prepare.sh)");
        Command compiled = Command.run(
                Project.ROOT.resolve("deploy/checks"), Map.of(), "go", "build", "-o", PROGRAM.toString(), ".");
        assertThat(compiled.exitCode()).as(compiled.errors()).isZero();
        built = true;
    }

    JsonNode root() {
        return root;
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        services.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** One service, as the parser gives it out. */
    public JsonNode service(String name) {
        assertThat(names()).contains(name);
        return services.path(name);
    }

    Map<String, JsonNode> services() {
        Map<String, JsonNode> all = new LinkedHashMap<>();
        names().forEach(name -> all.put(name, services.path(name)));
        return all;
    }

    /** A service's environment, its env_file included. */
    public Map<String, String> environment(String service) {
        Map<String, String> environment = new LinkedHashMap<>();
        service(service)
                .path("environment")
                .properties()
                .forEach(entry ->
                        environment.put(entry.getKey(), entry.getValue().asText()));
        return environment;
    }

    /** A list of words, such as a command. */
    public static List<String> words(JsonNode list) {
        List<String> words = new ArrayList<>();
        list.forEach(word -> words.add(word.asText()));
        return words;
    }

    /** Where the files of the project that a service mounts are seen by it. */
    public Map<String, String> mounts(String service) {
        Map<String, String> mounts = new LinkedHashMap<>();
        for (JsonNode volume : service(service).path("volumes")) {
            if (volume.path("type").asText().equals("bind")) {
                Path source = Path.of(volume.path("source").asText());
                mounts.put(
                        Project.ROOT.relativize(source).toString(),
                        volume.path("target").asText());
            }
        }
        return mounts;
    }

    static long megabytes(JsonNode service) {
        return service.path("mem_limit").asLong() / (1024 * 1024);
    }
}
