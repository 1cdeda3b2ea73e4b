package dev.larder.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StackFailureTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @AfterEach
    void stop() {
        EmbeddedStack.stop(folder);
    }

    @Test
    void aPrescribedPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, Ports.loopback())) {
            int port = taken.getLocalPort();

            assertFails(
                            () -> EmbeddedStack.start(
                                    folder,
                                    Stacks.classPath(),
                                    StackOptions.forTests().withPort(Part.KAFKA, port),
                                    Progress.none()),
                            ErrorCode.PORT_TAKEN)
                    .hasMessageContaining("Port " + port)
                    .hasMessageContaining("Kafka");
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertFails(() -> Stacks.start(file.resolve("stack")), ErrorCode.PATH_UNUSABLE)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aModuleThatIsNotBuiltIsReported() {
        assertFails(() -> ServerClassPath.read(folder.resolve("classpath")), ErrorCode.STEP_MISSING)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("Build");
    }

    @Test
    void aPartThatEndsIsReportedWithItsLastWordsAndTheOthersAreStopped() throws Exception {
        Path data = Files.createDirectories(folder.resolve("kafka/log"));
        Files.writeString(data.resolve("meta.properties"), "version=nonsense\n");

        assertFails(() -> Stacks.start(folder), ErrorCode.PROCESS_FAILED)
                .hasMessageStartingWith("Kafka")
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("last lines")
                .hasMessageContaining(folder.resolve("logs").toString());

        assertThat(Arrays.stream(Part.values()))
                .noneMatch(part -> EmbeddedStack.pid(folder, part).isPresent());
    }

    @Test
    void aStopDuringTheStartEndsTheStartAndLeavesNothing() {
        CompletableFuture<StackEndpoints> starting = CompletableFuture.supplyAsync(() -> Stacks.start(folder));
        long kafka = await().atMost(Duration.ofSeconds(30))
                .until(() -> EmbeddedStack.pid(folder, Part.KAFKA).orElse(0L), pid -> pid > 0);

        EmbeddedStack.stop(folder);

        assertThatThrownBy(starting::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(LarderException.class)
                .hasMessageContaining("stopped while it started");
        assertThat(Stacks.isAlive(kafka)).isFalse();
        assertThat(Arrays.stream(Part.values()))
                .noneMatch(part -> EmbeddedStack.pid(folder, part).isPresent());
    }

    @Test
    void aProcessThatHasOurNumberByChanceIsLeftAlone() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            StackFolder.of(folder).create(List.of(Part.KAFKA));
            Path file = StackFolder.of(folder).processFile(Part.KAFKA);
            List<String> programs = List.of(stranger.info().command().orElseThrow());
            Instant earlier = stranger.info().startInstant().orElseThrow().minusSeconds(600);
            new ProcessRecord(stranger.pid(), earlier, programs, 9092, "").write(file);

            EmbeddedStack.stop(folder);

            assertThat(stranger.isAlive()).isTrue();
            assertThat(file).doesNotExist();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void aRecordedProcessOfAnotherProgramIsLeftAlone() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            StackFolder.of(folder).create(List.of(Part.KAFKA));
            Instant start = stranger.info().startInstant().orElseThrow();
            new ProcessRecord(stranger.pid(), start, List.of("/opt/other/program"), 9092, "")
                    .write(StackFolder.of(folder).processFile(Part.KAFKA));

            EmbeddedStack.stop(folder);

            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(ThrowingCallable call, ErrorCode code) {
        return assertThatThrownBy(call).isInstanceOf(LarderException.class).satisfies(thrown -> assertThat(thrown)
                .asInstanceOf(type(LarderException.class))
                .extracting(LarderException::code)
                .isEqualTo(code));
    }
}
