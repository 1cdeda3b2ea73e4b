package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.progress.Progress;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** One start of a stack: all processes first, since they take their time, then the waiting. */
final class StackStart {
    private static final int LOG_LINES = 8;

    /** How often each folder's stack has been told to end in this virtual machine. */
    private static final Map<StackFolder, Integer> CANCELLED = new ConcurrentHashMap<>();

    private final StackFolder folder;
    private final ProjectFiles project = ProjectFiles.find();
    private final Answers answers = Answers.create();
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

    /** Where the parts answer that live. */
    static StackEndpoints living(StackFolder folder) {
        return endpoints(folder, EnumSet.allOf(Part.class), recorded -> recorded.process()
                .isPresent());
    }

    /** Where these parts answer or, if they have died, will again: what another part may lean on. */
    private StackEndpoints recorded(Set<Part> parts) {
        return endpoints(folder, parts, recorded -> true);
    }

    private static StackEndpoints endpoints(StackFolder folder, Set<Part> parts, Predicate<ProcessRecord> chosen) {
        Map<Part, Integer> ports = new EnumMap<>(Part.class);
        for (Part part : parts) {
            ProcessRecord.read(folder.processFile(part))
                    .filter(chosen)
                    .ifPresent(recorded -> ports.put(part, recorded.port()));
        }
        return new StackEndpoints(
                ports,
                Optional.ofNullable(ports.get(Part.MINIO)).map(port -> MinioPart.endpoint(folder, port)),
                Optional.ofNullable(ports.get(Part.AIRFLOW)).map(port -> AirflowPart.endpoint(folder, port)));
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
        checkTools();
        Map<Part, Running> running = new EnumMap<>(Part.class);
        for (Part part : List.of(Part.KAFKA, Part.CONNECT, Part.REDIS, Part.MINIO)) {
            launchIfChosen(part, running);
        }
        if (options.parts().contains(Part.POSTGRES)) {
            try (Progress.Step step = progress.start("start " + Part.POSTGRES.title(), "processes")) {
                Running postgres = launch(Part.POSTGRES);
                running.put(Part.POSTGRES, postgres);
                awaitReady(postgres, step);
            }
        }
        launchIfChosen(Part.TRINO, running);
        launchIfChosen(Part.AIRFLOW, running);
        for (Running other : running.values()) {
            if (other.part().part() != Part.POSTGRES) {
                try (Progress.Step step =
                        progress.start("start " + other.part().part().title(), "processes")) {
                    awaitReady(other, step);
                }
            }
        }
        running.values().stream().filter(other -> !other.isAlive()).findFirst().ifPresent(dead -> {
            throw failed(dead, "has ended");
        });
        return living(folder);
    }

    /** Before anything is started that would have to be stopped again. */
    private void checkTools() {
        NativeTools.missing(options.parts()).ifPresent(missing -> {
            throw new LarderException(ErrorCode.STEP_MISSING, missing);
        });
    }

    private void launchIfChosen(Part part, Map<Part, Running> running) {
        if (options.parts().contains(part)) {
            running.put(part, launch(part));
        }
    }

    private StackPart onPort(Part part, int port) {
        return switch (part) {
            case POSTGRES ->
                new PostgresPart(folder, project, java, RootEscape.find(), port, options.kind(), options.durable());
            case KAFKA -> new KafkaPart(folder, project, java, port);
            case CONNECT ->
                new ConnectPart(
                        folder,
                        project,
                        java,
                        answers,
                        port,
                        recorded(Set.of(Part.KAFKA)).kafka(),
                        options.kind());
            case REDIS -> new RedisPart(folder, project, NativeTools.find(part, project), port);
            case MINIO -> new MinioPart(folder, answers, NativeTools.find(part, project), port);
            case TRINO ->
                new TrinoPart(
                        folder,
                        project,
                        answers,
                        NativeTools.find(part, project),
                        NativeTools.newerJava(),
                        port,
                        options.trinoHeapMegabytes(),
                        recorded(EnumSet.of(Part.POSTGRES, Part.MINIO)).environment());
            case AIRFLOW ->
                new AirflowPart(
                        folder,
                        project,
                        answers,
                        port,
                        recorded(EnumSet.complementOf(EnumSet.of(Part.AIRFLOW))),
                        options.airflowVariables());
        };
    }

    private Running launch(Part part) {
        try {
            return StackLock.holding(folder.lockFile(), () -> launchOrFind(part));
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "%s cannot be started: %s".formatted(part.title(), e), e);
        }
    }

    private Running launchOrFind(Part part) throws IOException {
        failIfCancelled();
        Path file = folder.processFile(part);
        Optional<ProcessRecord> living =
                ProcessRecord.read(file).filter(recorded -> recorded.process().isPresent());
        if (living.isPresent()) {
            StackPart found = onPort(part, living.get().port());
            if (living.get().dependsOn().equals(fingerprint(found))) {
                return new Running(found, living.get(), Optional.empty());
            }
            living.get().process().ifPresent(process -> Ending.end(part, process));
        }
        int port = Ports.read(folder.portsFile()).claim(part.fileName(), part.title(), options.port(part));
        StackPart stackPart = onPort(part, port);
        stackPart.prepare(this::failIfCancelled);
        Path output = folder.output(part);
        if (Files.exists(output)) {
            Files.move(output, output.resolveSibling(output.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        startedHere.add(part);
        ProcessBuilder builder = new ProcessBuilder(stackPart.command());
        builder.environment().putAll(stackPart.environment());
        Process process = builder.directory(folder.data(part).toFile())
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(output.toFile()))
                .start();
        ProcessRecord recorded =
                ProcessRecord.of(process.toHandle(), stackPart.programs(), port, fingerprint(stackPart));
        recorded.write(file);
        return new Running(stackPart, recorded, Optional.of(process));
    }

    /** Not the words themselves: there are keys among them. */
    private static String fingerprint(StackPart part) {
        if (part.dependsOn().isEmpty()) {
            return "";
        }
        try {
            byte[] words = String.join("\n", part.dependsOn()).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(words));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
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
        finish(part);
        step.add(1);
        step.done("%s:%s%s".formatted(Ports.HOST, part.port(), running.child().isPresent() ? "" : " (was running)"));
    }

    private void finish(StackPart part) {
        try {
            StackLock.holding(folder.lockFile(), () -> {
                part.onceReady();
                return part;
            });
        } catch (IOException e) {
            throw StackFolder.unusable(folder.lockFile(), "locked", e);
        }
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
