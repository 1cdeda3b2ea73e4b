package dev.larder.cdc;

import dev.larder.progress.Progress;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.ServerClassPath;
import dev.larder.servers.StackEndpoints;
import dev.larder.servers.StackOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the endpoints of a real stack, started once for all of them. */
public final class RunningStack implements ParameterResolver {

    private record Started(Path folder, StackEndpoints endpoints) implements AutoCloseable {
        static Started start() {
            try {
                Path root = Path.of(System.getProperty("larder.root"));
                ServerClassPath classPath = ServerClassPath.read(root.resolve("testing/servers/target/classpath"));
                Path folder = Files.createTempDirectory("larder-cdc");
                return new Started(
                        folder, EmbeddedStack.start(folder, classPath, StackOptions.forTests(), Progress.none()));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() throws IOException {
            EmbeddedStack.stop(folder);
            try (Stream<Path> files = Files.walk(folder)) {
                List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
                for (Path file : all) {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == StackEndpoints.class;
    }

    @Override
    public StackEndpoints resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getRoot()
                .getStore(Namespace.create(RunningStack.class))
                .getOrComputeIfAbsent(Started.class, key -> Started.start(), Started.class)
                .endpoints();
    }

    /** A new database, so that tests do not meet each other's tables. */
    public static PostgresSource newDatabase(StackEndpoints endpoints, String name) throws SQLException {
        PostgresSource maintenance = new PostgresSource(
                endpoints.postgres().host(),
                endpoints.postgres().port(),
                endpoints.postgres().database(),
                endpoints.postgres().user(),
                null);
        try (Connection connection = maintenance.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return new PostgresSource(maintenance.host(), maintenance.port(), name, maintenance.user(), null);
    }
}
