package dev.larder.servers;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One process of {@link RedisServers}. */
public final class RedisServer {
    private static final Duration TIME_TO_START = Duration.ofSeconds(20);
    private static final int LOG_LINES = 5;

    private final Path program;
    private final Path home;
    private final int port;
    private final List<String> arguments;
    private final List<String> credentials;
    private @Nullable Process process;

    RedisServer(Path program, Path home, int port, List<String> arguments, List<String> credentials) {
        this.program = program;
        this.home = home;
        this.port = port;
        this.arguments = arguments;
        this.credentials = credentials;
    }

    /** What redis-cli must be told to be let in. */
    static List<String> credentials(List<String> options, boolean encrypted) {
        List<String> credentials = new ArrayList<>();
        if (encrypted) {
            credentials.addAll(List.of("--tls", "--insecure"));
        }
        for (String option : options) {
            if (option.startsWith("requirepass ")) {
                credentials.addAll(List.of("--no-auth-warning", "-a", option.substring("requirepass ".length())));
            }
        }
        return credentials;
    }

    public int port() {
        return port;
    }

    /** The beginning of a connection string. */
    public String address() {
        return Ports.HOST + ":" + port;
    }

    /** Starts it, again if it was stopped; it is empty then. */
    public void start() {
        List<String> command = new ArrayList<>(
                List.of(program.toString(), home.resolve("redis.conf").toString()));
        command.addAll(arguments);
        Process running;
        try {
            running = new ProcessBuilder(command)
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(home.resolve("console").toFile()))
                    .start();
        } catch (IOException e) {
            throw new LarderException(ErrorCode.PROCESS_FAILED, "Cannot run %s: %s".formatted(program, e), e);
        }
        process = running;
        boolean ready = Waiting.until(
                TIME_TO_START, () -> !running.isAlive() || cli("PING").equals("PONG"));
        if (!ready || !running.isAlive()) {
            stop();
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED,
                    "Redis did not become ready at %s: %s"
                            .formatted(address(), String.join(" | ", LogTail.read(home.resolve("log"), LOG_LINES))));
        }
    }

    /** Ends it without a warning to anybody, as a crash would. */
    public void stop() {
        Process running = process;
        if (running != null) {
            Ending.kill(running.toHandle());
            process = null;
        }
    }

    /** It keeps its connections and answers nothing, like a machine that has lost its network. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        Process running = process;
        if (running != null) {
            run(List.of("kill", "-" + name, Long.toString(running.pid())));
        }
    }

    /** What redis-cli prints for a command. */
    public String cli(String... command) {
        List<String> all = new ArrayList<>(List.of(
                program.resolveSibling("redis-cli").toString(), "-h", Ports.HOST, "-p", Integer.toString(port)));
        all.addAll(credentials);
        all.addAll(List.of(command));
        return run(all);
    }

    private static String run(List<String> command) {
        try {
            Process program =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String answer = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!program.waitFor(TIME_TO_START.toSeconds(), TimeUnit.SECONDS)) {
                program.destroyForcibly();
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(
                    ErrorCode.PROCESS_FAILED, "Waiting for %s was interrupted.".formatted(command.get(0)), e);
        }
    }
}
