package dev.larder.trino;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.offlinestore.LakeLayout;
import dev.larder.progress.Progress;
import dev.larder.servers.EmbeddedStack;
import dev.larder.servers.Part;
import dev.larder.servers.ServerClassPath;
import dev.larder.servers.StackEndpoints;
import dev.larder.servers.StackOptions;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/** Real Trino with trino/etc over real PostgreSQL and MinIO, filled once for all test classes; a parameter of their methods. */
final class RunningTrino implements AutoCloseable {
    private final Path folder;
    private final StackEndpoints endpoints;
    private final TestLake lake;
    private final BankingLake banking;

    private RunningTrino(Path folder, StackEndpoints endpoints) {
        this.folder = folder;
        this.endpoints = endpoints;
        this.lake = new TestLake(endpoints, folder);
        this.banking = BankingLake.fill(lake, endpoints.postgres());
    }

    /** Resolves the parameter. */
    static final class Resolver implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RunningTrino.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .getOrComputeIfAbsent(RunningTrino.class, key -> start(), RunningTrino.class);
        }
    }

    private static RunningTrino start() {
        Path root = Path.of(System.getProperty("larder.root"));
        Path folder = temporaryFolder();
        try {
            StackEndpoints endpoints = EmbeddedStack.start(
                    folder,
                    ServerClassPath.read(root.resolve("testing/servers/target/classpath")),
                    StackOptions.forTests().withParts(Part.POSTGRES, Part.MINIO, Part.TRINO),
                    Progress.none());
            return new RunningTrino(folder, endpoints);
        } catch (LarderException e) {
            EmbeddedStack.stop(folder);
            if (e.code() == ErrorCode.STEP_MISSING && !"true".equals(System.getenv("CI"))) {
                throw new TestAbortedException(e.getMessage(), e);
            }
            throw e;
        } catch (RuntimeException | Error e) {
            EmbeddedStack.stop(folder);
            throw e;
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("larder-trino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TestLake lake() {
        return lake;
    }

    BankingLake banking() {
        return banking;
    }

    Trino trino() {
        return new Trino(address());
    }

    TrinoAddress address() {
        URI url = endpoints.trino().orElseThrow().url();
        return new TrinoAddress(url, "larder", Optional.empty(), LakeLayout.CATALOG, TestLake.PROJECT);
    }

    /** The statement's output. */
    String run(String sql, OutputFormat format) {
        StringWriter out = new StringWriter();
        trino().run(SqlStatement.of(sql, "statement"), Trino.Limits.NONE, format.to(out));
        return out.toString();
    }

    @Override
    public void close() {
        lake.close();
        EmbeddedStack.stop(folder);
        delete(folder);
    }

    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
