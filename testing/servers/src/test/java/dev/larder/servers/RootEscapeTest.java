package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.security.auth.module.UnixSystem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RootEscapeTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void aCommandDoesNotRunAsRootAndKeepsItsProcessNumber() throws Exception {
        Process process = new ProcessBuilder(RootEscape.find().command("sh", "-c", "echo $$ $(id -u)")).start();

        String[] words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split(" ", -1);

        assertThat(words[0]).isEqualTo(Long.toString(process.pid()));
        assertThat(words[1]).isNotEqualTo("0");
    }

    /** What root gets where user namespaces are forbidden; an ordinary user needs neither way. */
    @Test
    void postgresRunsWithoutANamespace() throws Exception {
        RootEscape escape = new UnixSystem().getUid() == 0 ? RootEscape.nobody().orElseThrow() : RootEscape.find();
        StackFolder stack = StackFolder.of(folder);
        stack.create(List.of(Part.POSTGRES));
        int port = Ports.read(stack.portsFile()).claim("postgres", "PostgreSQL", 0);
        PostgresPart part = new PostgresPart(
                stack,
                ProjectFiles.find(),
                new JavaProgram(Stacks.classPath()),
                escape,
                port,
                StackOptions.Kind.EMBEDDED,
                false);

        try {
            part.prepare(() -> {});
            Process process = new ProcessBuilder(part.command())
                    .redirectErrorStream(true)
                    .redirectOutput(stack.output(Part.POSTGRES).toFile())
                    .start();
            ProcessRecord.of(process.toHandle(), part.programs(), port, "").write(stack.processFile(Part.POSTGRES));

            await().atMost(Duration.ofSeconds(30)).until(() -> part.isReady(process.pid()));
            assertThat(EmbeddedStack.pid(folder, Part.POSTGRES)).contains(process.pid());
        } finally {
            EmbeddedStack.stop(folder);
        }
    }
}
