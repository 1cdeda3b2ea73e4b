package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A PostgreSQL server from unpacked programs, with logical decoding switched on. */
record PostgresPart(
        StackFolder folder,
        ProjectFiles project,
        JavaProgram java,
        RootEscape rootEscape,
        int port,
        StackOptions.Kind kind,
        boolean durable)
        implements StackPart {
    static final String USER = "postgres";
    static final String DATABASE = "banking";

    /** The database, and its user, of the lake's catalog. */
    static final String CATALOG = "iceberg";

    /** Airflow's database and its user. */
    static final String AIRFLOW = "airflow";

    private static final Duration SETUP_LIMIT = Duration.ofMinutes(2);

    @Override
    public Part part() {
        return Part.POSTGRES;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        if (!Files.exists(server())) {
            Path unpacked = empty(folder.data(Part.POSTGRES).resolve("server.new"));
            run(
                    java.command(List.of("-Xmx96m"), PostgresArchive.class.getName(), unpacked.toString()),
                    "",
                    cancellation);
            move(unpacked, server());
        }
        if (!Files.exists(dataFolder())) {
            createDatabase(cancellation);
        }
        rootEscape.own(dataFolder());
        endLeftOver();
    }

    private void createDatabase(Cancellation cancellation) {
        Path data = empty(folder.data(Part.POSTGRES).resolve("data.new"));
        try {
            Files.createDirectory(data);
        } catch (IOException e) {
            throw StackFolder.unusable(data, "created", e);
        }
        rootEscape.own(data);
        List<String> initdb = new ArrayList<>(rootEscape.command(program("initdb"), "-D", data.toString(), "-U", USER));
        initdb.addAll(List.of("-A", "trust", "-E", "UTF8", "--locale=C"));
        if (!durable) {
            initdb.add("--no-sync");
        }
        run(initdb, "", cancellation);
        run(
                rootEscape.command(program("postgres"), "--single", "-D", data.toString(), "postgres"),
                "CREATE DATABASE " + DATABASE + "\n",
                cancellation);
        move(data, dataFolder());
    }

    /** A server whose record was lost, and a lock file whose process number is somebody else's by now. */
    private void endLeftOver() {
        Path lock = dataFolder().resolve("postmaster.pid");
        if (!Files.exists(lock)) {
            return;
        }
        try {
            long pid = Long.parseLong(Files.readAllLines(lock).get(0).strip());
            ProcessHandle.of(pid)
                    .filter(process ->
                            process.info().command().map(programs()::contains).orElse(false))
                    .ifPresent(process -> Ending.end(Part.POSTGRES, process));
            Files.deleteIfExists(lock);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "%s cannot be read: %s. If no PostgreSQL runs in that folder, delete the file.".formatted(lock, e),
                    e);
        }
    }

    @Override
    public List<String> command() {
        List<String> command = new ArrayList<>(
                rootEscape.command(program("postgres"), "-D", dataFolder().toString()));
        command.addAll(List.of("-p", Integer.toString(port)));
        for (String setting : List.of(
                "config_file=" + project.shared("deploy/postgres/postgresql.conf"),
                "listen_addresses=" + Ports.HOST,
                "unix_socket_directories=",
                "fsync=" + (durable ? "on" : "off"))) {
            command.addAll(List.of("-c", setting));
        }
        return command;
    }

    @Override
    public List<String> programs() {
        List<String> programs = new ArrayList<>(rootEscape.program().stream().toList());
        try {
            programs.add(Path.of(program("postgres")).toRealPath().toString());
        } catch (IOException e) {
            throw StackFolder.unusable(Path.of(program("postgres")), "found", e);
        }
        return programs;
    }

    @Override
    public boolean isReady(long pid) {
        return PostgresClient.answers(port, USER, DATABASE);
    }

    @Override
    public void onceReady() {
        if (kind == StackOptions.Kind.FULL) {
            SqlScript.read(project.shared("deploy/postgres/init.sql")).run(port, USER, DATABASE);
        }
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(1);
    }

    private Path server() {
        return folder.data(Part.POSTGRES).resolve("server");
    }

    private Path dataFolder() {
        return folder.data(Part.POSTGRES).resolve("data");
    }

    private String program(String name) {
        return server().resolve("bin").resolve(name).toString();
    }

    private void run(List<String> command, String input, Cancellation cancellation) {
        Path log = folder.logs().resolve("postgres-setup.log");
        Process process = null;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.root().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.to(log.toFile()))
                    .start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            Process started = process;
            boolean ended = Waiting.until(SETUP_LIMIT, () -> {
                cancellation.check();
                return !started.isAlive();
            });
            if (!ended || process.exitValue() != 0) {
                throw new LarderException(
                        ErrorCode.PROCESS_FAILED,
                        "Setting up PostgreSQL failed (%s): %s. Its last words: %s (all of them: %s)"
                                .formatted(
                                        String.join(" ", command),
                                        ended ? "exit code " + process.exitValue() : "not done after " + SETUP_LIMIT,
                                        String.join(" | ", LogTail.read(log, 5)),
                                        log));
            }
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Cannot run %s: %s".formatted(command.get(0), e), e);
        } finally {
            if (process != null) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    /** The path with nothing there: what an interrupted attempt has left is removed. */
    private static Path empty(Path path) {
        if (!Files.exists(path)) {
            return path;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw StackFolder.unusable(path, "removed", e);
        }
        return path;
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw StackFolder.unusable(to, "written", e);
        }
    }
}
