package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** One start of a stack: all processes first, since they take their time, then the waiting. */
final class StackStart {
    private static final int LOG_LINES = 8;

    /** How often each folder's stack has been told to end in this virtual machine. */
    private static final Map<StackFolder, Integer> CANCELLED = new ConcurrentHashMap<>();

    private final StackFolder folder;
    private final JavaProgram java;
    private final StackOptions options;
    private final Progress progress;
    private final int cancelledBefore;
    private final List<Part> startedHere = new ArrayList<>();

    /** A part's process, and a handle that knows its exit code if this call has started it. */
    private record Running(StackPart part, ProcessRecord recorded, Optional<Process> child) {
        boolean isAlive() {
            return child.map(Process::isAlive)
                    .orElseGet(() -> recorded.process().isPresent());
        }
    }

    StackStart(StackFolder folder, JavaProgram java, StackOptions options, Progress progress) {
        this.folder = folder;
        this.java = java;
        this.options = options;
        this.progress = progress;
        this.cancelledBefore = timesCancelled();
    }

    /** Makes every start of the stack that is under way fail. */
    static void cancel(StackFolder folder) {
        CANCELLED.merge(folder, 1, Integer::sum);
    }

    static StackEndpoints endpoints(int postgres, int kafka, int connect) {
        return new StackEndpoints(
                new PostgresEndpoint(Ports.HOST, postgres, PostgresPart.DATABASE, PostgresPart.USER),
                new KafkaEndpoint(Ports.HOST, kafka),
                new ConnectEndpoint(URI.create("http://%s:%s".formatted(Ports.HOST, Integer.toString(connect)))));
    }

    StackEndpoints run() {
        boolean done = false;
        try {
            StackEndpoints endpoints = startAndWait();
            done = true;
            return endpoints;
        } finally {
            if (!done) {
                Part.inReverse().stream().filter(startedHere::contains).forEach(part -> StackStop.stop(folder, part));
            }
        }
    }

    private StackEndpoints startAndWait() {
        Running kafka = launch(Part.KAFKA, options.kafkaPort(), this::kafka);
        KafkaEndpoint broker = new KafkaEndpoint(Ports.HOST, kafka.recorded().port());
        if (!ConnectPart.wasStartedFor(folder, broker)) {
            StackStop.stop(folder, Part.CONNECT);
        }
        HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        Running connect =
                launch(Part.CONNECT, options.connectPort(), port -> new ConnectPart(folder, java, http, port, broker));
        Running postgres;
        try (Progress.Step step = progress.start("start " + Part.POSTGRES.title(), "processes")) {
            postgres = launch(
                    Part.POSTGRES,
                    options.postgresPort(),
                    port -> new PostgresPart(folder, java, RootEscape.find(), port, options.durable()));
            awaitReady(postgres, step);
        }
        for (Running other : List.of(kafka, connect)) {
            try (Progress.Step step =
                    progress.start("start " + other.part().part().title(), "processes")) {
                awaitReady(other, step);
            }
        }
        Stream.of(postgres, kafka, connect)
                .filter(running -> !running.isAlive())
                .findFirst()
                .ifPresent(dead -> {
                    throw failed(dead, "has ended");
                });
        return endpoints(
                postgres.recorded().port(),
                kafka.recorded().port(),
                connect.recorded().port());
    }

    private StackPart kafka(int port) {
        int controllerPort = Ports.read(folder.portsFile()).claim("kafka-controller", "Kafka's controller", 0);
        return new KafkaPart(folder, java, port, controllerPort);
    }

    private Running launch(Part part, int prescribedPort, IntFunction<StackPart> onPort) {
        try {
            return StackLock.holding(folder.lockFile(), () -> launchOrFind(part, prescribedPort, onPort));
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "%s cannot be started: %s".formatted(part.title(), e), e);
        }
    }

    private Running launchOrFind(Part part, int prescribedPort, IntFunction<StackPart> onPort) throws IOException {
        failIfCancelled();
        Path file = folder.processFile(part);
        Optional<ProcessRecord> living =
                ProcessRecord.read(file).filter(recorded -> recorded.process().isPresent());
        if (living.isPresent()) {
            return new Running(onPort.apply(living.get().port()), living.get(), Optional.empty());
        }
        int port = Ports.read(folder.portsFile()).claim(part.fileName(), part.title(), prescribedPort);
        StackPart stackPart = onPort.apply(port);
        stackPart.prepare(this::failIfCancelled);
        Path output = folder.output(part);
        if (Files.exists(output)) {
            Files.move(output, output.resolveSibling(output.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        startedHere.add(part);
        Process process = new ProcessBuilder(stackPart.command())
                .directory(folder.data(part).toFile())
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output.toFile()))
                .start();
        ProcessRecord recorded = ProcessRecord.of(process.toHandle(), stackPart.programs(), port);
        recorded.write(file);
        return new Running(stackPart, recorded, Optional.of(process));
    }

    private void awaitReady(Running running, Progress.Step step) {
        StackPart part = running.part();
        boolean ready = Waiting.until(part.timeToStart(), () -> {
            failIfCancelled();
            if (!running.isAlive()) {
                throw failed(
                        running,
                        running.child()
                                .map(child -> "ended with exit code " + child.exitValue())
                                .orElse("has ended"));
            }
            return part.isReady(running.recorded().pid());
        });
        if (!ready) {
            throw failed(
                    running,
                    "runs but does not answer after %s s"
                            .formatted(part.timeToStart().toSeconds()));
        }
        step.add(1);
        step.done("%s:%s%s".formatted(Ports.HOST, part.port(), running.child().isPresent() ? "" : " (was running)"));
    }

    private LarderException failed(Running running, String what) {
        Part part = running.part().part();
        Path log = folder.log(part);
        Path output = folder.output(part);
        List<String> words = new ArrayList<>(LogTail.read(log, LOG_LINES));
        if (!log.equals(output)) {
            words.addAll(LogTail.read(output, LOG_LINES));
        }
        return new LarderException(
                ErrorCode.PROCESS_FAILED,
                "%s (process %s, port %s) %s. Log: %s%s"
                        .formatted(
                                part.title(),
                                Long.toString(running.recorded().pid()),
                                Integer.toString(running.part().port()),
                                what,
                                Files.exists(log) ? log : output,
                                words.isEmpty() ? "" : "; its last lines:\n  " + String.join("\n  ", words)));
    }

    private int timesCancelled() {
        return CANCELLED.getOrDefault(folder, 0);
    }

    private void failIfCancelled() {
        if (timesCancelled() != cancelledBefore) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "The stack in %s was stopped while it started.".formatted(folder.root()));
        }
    }
}
