package dev.larder.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A MinIO server on one folder, without its console. */
record MinioPart(StackFolder folder, Answers answers, Path program, int port) implements StackPart {
    private static final String ACCESS_KEY = "access-key";
    private static final String SECRET_KEY = "secret-key";

    /** As long as those that AWS gives out, so that every client takes them. */
    private static final int ACCESS_KEY_LENGTH = 20;

    private static final int SECRET_KEY_LENGTH = 40;

    /** MinIO as it was or will be started on this port. */
    static MinioEndpoint endpoint(StackFolder folder, int port) {
        Secrets secrets = Secrets.keptIn(folder.data(Part.MINIO).resolve("credentials"), ACCESS_KEY, SECRET_KEY);
        return new MinioEndpoint(
                StackEndpoints.url(port),
                secrets.get(ACCESS_KEY).substring(0, ACCESS_KEY_LENGTH),
                secrets.get(SECRET_KEY).substring(0, SECRET_KEY_LENGTH));
    }

    @Override
    public Part part() {
        return Part.MINIO;
    }

    @Override
    public void prepare(Cancellation cancellation) {
        try {
            Files.createDirectories(objects());
        } catch (IOException e) {
            throw StackFolder.unusable(objects(), "created", e);
        }
    }

    private Path objects() {
        return folder.data(Part.MINIO).resolve("objects");
    }

    @Override
    public List<String> command() {
        return List.of(
                program.toString(),
                "server",
                "--quiet",
                "--address",
                Ports.HOST + ":" + port,
                objects().toString());
    }

    @Override
    public Map<String, String> environment() {
        MinioEndpoint endpoint = endpoint(folder, port);
        return Map.of(
                "MINIO_ROOT_USER",
                endpoint.accessKey(),
                "MINIO_ROOT_PASSWORD",
                endpoint.secretKey(),
                "MINIO_REGION",
                MinioEndpoint.REGION,
                "MINIO_BROWSER",
                "off",
                "MINIO_UPDATE",
                "off");
    }

    @Override
    public List<String> programs() {
        return List.of(NativeTools.real(program).toString());
    }

    /** Not until it can write: "ready" is said before. */
    @Override
    public boolean isReady(long pid) {
        return answers.ok(port, "/minio/health/cluster").isPresent();
    }

    @Override
    public Duration timeToStart() {
        return Duration.ofMinutes(1);
    }
}
