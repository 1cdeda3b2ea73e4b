package dev.larder.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./setup_project.sh --docker}: what it says without an engine, and, to a docker that writes down its calls, what it asks for. */
class RunScriptTest {
    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void copyScript() throws IOException {
        Files.createDirectories(folder.resolve("deploy/compose"));
        Files.createDirectories(folder.resolve("deploy/native"));
        for (String file :
                List.of("setup_project.sh", "deploy/native/packages.sh", "deploy/compose/run.sh", ".env.example")) {
            Files.copy(Project.ROOT.resolve(file), folder.resolve(file));
        }
    }

    @Test
    void withoutDockerItSaysWhatIsMissingAndWhatGoesWithout() throws IOException {
        // Everything that the scripts need, and no docker.
        Path programs = Files.createDirectory(folder.resolve("programs"));
        for (String program : List.of("bash", "env", "dirname", "cat")) {
            executable(programs.resolve(program), "#!/bin/sh\nexec /usr/bin/%s \"$@\"\n".formatted(program));
        }

        Command ended = setup(Map.of("PATH", programs.toString()), "--docker");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.errors())
                .startsWith("error DOCKER_MISSING: No docker in PATH")
                .contains("./setup_project.sh --native");
        assertThat(folder.resolve(".env")).doesNotExist();
    }

    @Test
    void withoutAnEngineItSaysSo() throws IOException {
        Command ended = setup(
                docker("case $1 in version) echo 'Cannot connect to the Docker daemon.' >&2; exit 1 ;; esac"),
                "--docker");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.errors())
                .startsWith("error DOCKER_MISSING: docker is installed, but no engine answers: Cannot connect");
        assertThat(folder.resolve(".env")).doesNotExist();
    }

    @Test
    void anOldComposeIsRefused() throws IOException {
        Command ended = setup(docker("case $* in 'compose version'*) echo v2.3.4 ;; esac"), "--docker");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.errors())
                .startsWith("error DOCKER_MISSING: docker compose is 2.3.4 (expected: 2.24 or newer)");
    }

    @Test
    void theFullStackIsBuiltStartedAndAskedInTheSchedulersContainer() throws IOException {
        Command ended = setup(docker("case $* in 'compose version'*) echo 2.40.0 ;; esac"), "--docker", "--users", "7");

        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(calls())
                .containsExactly(
                        "[] version --format {{.Server.Version}}",
                        "[] compose version --short",
                        "[] compose build",
                        "[] compose up -d --wait",
                        "[] compose exec -T airflow-scheduler larder -c /opt/larder/feature_repo/banking -f feature_store.stack.yaml demo --users 7 --server http://feature-server:6566");
        assertThat(ended.output()).contains("http://127.0.0.1:6566");
    }

    @Test
    void theSmallProfileRunsTheExampleInAContainerOfItsOwn() throws IOException {
        Command ended = setup(
                docker("case $* in 'compose version'*) echo 2.40.0 ;; esac"), "--docker", "--lite", "--port", "7000");

        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(calls())
                .endsWith(
                        "[lite] compose up -d --wait",
                        "[lite] compose run --rm -T larder demo --server http://feature-server:6566");
        assertThat(ended.output()).contains("http://127.0.0.1:7000");
    }

    @Test
    void whenAContainerDoesNotComeUpItShowsWhy() throws IOException {
        Command ended = setup(
                docker("case $* in 'compose version'*) echo 2.40.0 ;; 'compose up'*) exit 1 ;; esac"), "--docker");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.errors()).contains("error DOCKER_FAILED: The containers did not all come up");
        assertThat(calls())
                .contains("[] compose logs --tail 15 setup connector", "[] compose exec -T connect connector-health")
                .noneMatch(call -> call.contains("demo"));
    }

    @Test
    void secretsAreRandomKeptAndTheUsersOwn() throws IOException {
        Map<String, String> docker = docker("case $* in 'compose version'*) echo 2.40.0 ;; esac");

        assertThat(setup(docker, "--docker").exitCode()).isZero();
        Path file = folder.resolve(".env");
        String first = Files.readString(file);
        assertThat(setup(docker, "--docker").exitCode()).isZero();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file)).isEqualTo(first);
        List<String> secrets = ComposeFileTest.secrets().stream()
                .map(name -> Project.all(first, "^" + name + "=(.*)$").get(0))
                .toList();
        assertThat(secrets).doesNotHaveDuplicates().allMatch(secret -> secret.matches("[0-9a-f]{48}|[\\w-]{43}="));
        // Fernet wants 32 bytes of URL-safe base64.
        assertThat(Project.all(first, "^AIRFLOW_FERNET_KEY=([\\w-]{43}=)$")).hasSize(1);
        Command parsed = Compose.parse(Project.ROOT.resolve("docker-compose.yaml"), first, "full");
        assertThat(parsed.exitCode()).as(parsed.errors()).isZero();
    }

    @Test
    void stopKeepsTheDataAndCleanDoesNot() throws IOException {
        Map<String, String> docker = docker("case $* in 'compose version'*) echo 2.40.0 ;; esac");
        assertThat(setup(docker, "--docker").exitCode()).isZero();

        assertThat(setup(docker, "stop").exitCode()).isZero();
        assertThat(calls()).endsWith("[full,tools] compose down");
        assertThat(setup(docker, "clean").exitCode()).isZero();
        assertThat(calls()).endsWith("[full,tools] compose down --volumes");
        int before = calls().size();
        assertThat(setup(docker, "stop").exitCode()).isZero();
        assertThat(calls()).as("nothing is left to stop").hasSize(before);
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() throws IOException {
        assertThat(setup(Map.of(), "--lite").errors()).startsWith("error ARGUMENT_INVALID: ");
        assertThat(setup(Map.of(), "test", "--docker").errors()).startsWith("error ARGUMENT_INVALID: ");
    }

    private Command setup(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of("./setup_project.sh"));
        command.addAll(List.of(arguments));
        return Command.run(folder, environment, command);
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(folder.resolve("calls"));
    }

    /** A program called docker in front of the PATH, which writes down each call with its profiles and then does as it is told. */
    private Map<String, String> docker(String script) throws IOException {
        Path programs = Files.createDirectory(folder.resolve("programs"));
        executable(
                programs.resolve("docker"),
                "#!/usr/bin/env bash\nprintf '[%%s] %%s\\n' \"${COMPOSE_PROFILES:-}\" \"$*\" >>'%s'\n%s\n"
                        .formatted(folder.resolve("calls"), script));
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", programs + ":" + System.getenv("PATH"));
        environment.put("COMPOSE_PROFILES", "");
        environment.put("FEATURE_SERVER_PORT", "");
        return environment;
    }

    private static void executable(Path file, String script) throws IOException {
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}
