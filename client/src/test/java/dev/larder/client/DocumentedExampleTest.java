package dev.larder.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.feast.proto.core.FeatureService;
import dev.larder.feast.proto.core.FeatureServiceSpec;
import dev.larder.feast.proto.core.FeatureSpecV2;
import dev.larder.feast.proto.core.FeatureViewProjection;
import dev.larder.model.ValueType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first example of docs/java-client.md, as it stands there but for the port and the deadline, prints what stands below it. */
final class DocumentedExampleTest {
    private static final Path PAGE = Path.of(System.getProperty("larder.root"), "docs/java-client.md");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void itRunsAndPrintsWhatThePageSays() throws Exception {
        MatchResult example = Pattern.compile("```java\n(import .*?)```\n\n```\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .findFirst()
                .orElseThrow();
        Path repo = bankingRepo();
        try (TestServer server = TestServer.start(repo)) {
            Path source = folder.resolve("Example.java");
            Files.writeString(
                    source,
                    example.group(1)
                            .replace("6565", Integer.toString(server.port()))
                            .replace("ofSeconds(5)", "ofSeconds(60)"));
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            assertThat(compiler.run(
                            null,
                            null,
                            null,
                            "-d",
                            folder.toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            source.toString()))
                    .isZero();
            assertThat(printed()).isEqualTo(example.group(2));
        }
    }

    private String printed() throws ReflectiveOperationException, IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader compiled = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            compiled.loadClass("Example").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    private Path bankingRepo() throws IOException {
        Path repo = TestServer.goldenRepo(folder.resolve("repo"));
        Map<String, ValueType> features = new LinkedHashMap<>();
        features.put("num_transactions_l1w", ValueType.INT64);
        features.put("last_vendors", ValueType.STRING_LIST);
        FeatureViewProjection.Builder projection =
                FeatureViewProjection.newBuilder().setFeatureViewName("transactions_last_week");
        features.forEach((name, type) -> projection.addFeatureColumns(
                FeatureSpecV2.newBuilder().setName(name).setValueTypeValue(type.number())));
        TestServer.register(repo, registry -> registry.addEntities(TestServer.entity("user", "user_id"))
                .addFeatureViews(TestServer.view("transactions_last_week", "user", "user_id", "card_events", features))
                .addFeatureServices(FeatureService.newBuilder()
                        .setSpec(FeatureServiceSpec.newBuilder()
                                .setName("user_risk")
                                .setProject("golden")
                                .addFeatures(projection))));
        return repo;
    }
}
