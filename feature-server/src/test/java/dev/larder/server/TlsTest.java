package dev.larder.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP over TLS, from files as openssl writes them. */
final class TlsTest {
    private static Path shared = Path.of("");
    private static Certificates certificates;

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void certificates(@TempDir Path keys) throws Exception {
        shared = keys;
        certificates = Certificates.make(keys);
    }

    @Test
    void aClientThatTrustsTheAuthorityIsServedOverTls() throws Exception {
        try (TestServer server = start(tls())) {
            URI uri = server.uri();
            assertThat(uri.getScheme()).isEqualTo("https");
            HttpResponse<String> answer = trusting(certificates.authority())
                    .send(
                            HttpRequest.newBuilder(uri.resolve("/get-online-features"))
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    "{\"features\": [\"driver_stale:score\"], \"entities\": {\"driver_id\": [1001]}}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("[0.25]");
            assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
            URI byName = URI.create("https://localhost:" + uri.getPort() + "/health");
            assertThat(trusting(certificates.authority())
                            .send(HttpRequest.newBuilder(byName).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.admin("/healthcheck").status())
                    .as("admin stays plain")
                    .isEqualTo(200);
        }
    }

    @Test
    void aClientThatDoesNotTrustTheAuthorityAndOneWithoutTlsAreNotServed() throws Exception {
        try (TestServer server = start(tls())) {
            assertThatThrownBy(() -> HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(server.uri().resolve("/health"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding()))
                    .isInstanceOf(SSLHandshakeException.class);
            URI plain = URI.create("http://127.0.0.1:" + server.uri().getPort());
            try (RawConnection connection = new RawConnection(plain)) {
                connection.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThatThrownBy(connection::answer).isInstanceOf(IOException.class);
            }
        }
    }

    /** What openssl has written by default over the years, and what people ask it for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "genrsa -traditional -out %s 2048",
                "ecparam -genkey -name prime256v1 -noout -out %s",
                "ecparam -genkey -name secp384r1 -out %s",
                "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out %s"
            })
    void everyFormOfKeyIsTaken(String command) throws Exception {
        Path key = folder.resolve("other.key");
        Certificates.openssl(folder, command.formatted(key));
        Certificates other = certificates.with(key);
        try (TestServer server = start(new Tls(other.key(), other.certificate()))) {
            assertThat(trusting(other.authority())
                            .send(
                                    HttpRequest.newBuilder(server.uri().resolve("/health"))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aKeyOfEdwardsCurveBelongsToItsCertificate() throws Exception {
        Path key = folder.resolve("ed.key");
        Certificates.openssl(folder, "genpkey -algorithm ED25519 -out " + key);
        Certificates other = certificates.with(key);
        assertThat(TlsIdentity.read(new Tls(key, other.certificate()), Clock.systemUTC())
                        .chain())
                .hasSize(1);
    }

    @Test
    void aChainIsSentWhole() throws Exception {
        Path chain = folder.resolve("chain.crt");
        Files.writeString(
                chain, Files.readString(certificates.certificate()) + Files.readString(certificates.authority()));
        assertThat(TlsIdentity.read(new Tls(certificates.key(), chain), Clock.systemUTC())
                        .chain())
                .hasSize(2);
    }

    @Test
    void filesThatDoNotFitAreNamedWithTheWayOut() throws Exception {
        Path absent = folder.resolve("absent.pem");
        assertRefused(
                new Tls(absent, certificates.certificate()),
                ErrorCode.PATH_UNUSABLE,
                "--key: cannot read %s (NoSuchFileException). Name a PEM file that this user may read."
                        .formatted(absent));
        assertRefused(
                new Tls(certificates.key(), absent),
                ErrorCode.PATH_UNUSABLE,
                "--cert: cannot read %s (NoSuchFileException). Name a PEM file that this user may read."
                        .formatted(absent));
        assertRefused(
                new Tls(certificates.certificate(), certificates.certificate()),
                ErrorCode.ARGUMENT_INVALID,
                "--key %s holds no private key (expected: PEM, -----BEGIN PRIVATE KEY-----; the certificate goes to --cert)."
                        .formatted(certificates.certificate()));
        assertRefused(
                new Tls(certificates.key(), certificates.key()),
                ErrorCode.ARGUMENT_INVALID,
                "--cert %s holds no certificate (expected: PEM, -----BEGIN CERTIFICATE-----; the private key goes to --key)."
                        .formatted(certificates.key()));
        assertRefused(
                new Tls(shared.resolve("ca.key"), certificates.certificate()),
                ErrorCode.ARGUMENT_INVALID,
                "--key %s does not belong to the certificate %s (of CN=localhost): give the key that this certificate was made with, and in --cert the server's own certificate first."
                        .formatted(shared.resolve("ca.key"), certificates.certificate()));

        Path encrypted = folder.resolve("encrypted.key");
        Certificates.openssl(
                folder, "pkcs8 -topk8 -passout pass:secret -in %s -out %s".formatted(certificates.key(), encrypted));
        assertRefused(
                new Tls(encrypted, certificates.certificate()),
                ErrorCode.ARGUMENT_INVALID,
                "--key %s is encrypted. Write it as PKCS#8 without a password: openssl pkcs8 -topk8 -nodes -in %s -out key.pem"
                        .formatted(encrypted, encrypted));
        Path broken = Files.writeString(
                folder.resolve("broken.key"),
                "-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n");
        assertRefused(
                new Tls(broken, certificates.certificate()),
                ErrorCode.ARGUMENT_INVALID,
                "--key %s holds a EC PRIVATE KEY that cannot be read. Write it as PKCS#8 without a password: openssl pkcs8 -topk8 -nodes -in %s -out key.pem"
                        .formatted(broken, broken));
    }

    @Test
    void aCertificateThatHasExpiredIsRefusedBeforeClientsDo() {
        Instant later = Instant.now().plus(Duration.ofDays(3));
        assertThatThrownBy(() -> TlsIdentity.read(tls(), Clock.fixed(later, ZoneOffset.UTC)))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ARGUMENT_INVALID))
                .hasMessageStartingWith("--cert %s is valid from ".formatted(certificates.certificate()))
                .hasMessageEndingWith("no client would accept it. Give a certificate that is valid.");
    }

    /** {@code online_store: {type: remote, path: https://..., cert: ...}} of Feast's unmodified SDK. */
    @Test
    void feastsSdkReadsOverTls() throws Exception {
        String python = System.getenv("LARDER_FEAST_PYTHON");
        if (System.getenv("CI") == null) {
            assumeTrue(
                    python != null, "Feast is missing: run the tests with ./setup_project.sh test, which prepares it");
        }
        assertThat(python).as("LARDER_FEAST_PYTHON names a Python with Feast").isNotNull();
        try (TestServer server = start(tls())) {
            Path client = Files.createDirectories(folder.resolve("client"));
            TestServer.copyGolden("registry.db", client);
            Files.writeString(
                    client.resolve("feature_store.yaml"),
                    """
                    project: golden
                    provider: local
                    registry: registry.db
                    online_store: {type: remote, path: "%s", cert: "%s"}
                    entity_key_serialization_version: 3
                    """
                            .formatted(server.uri(), certificates.authority()));
            Path output = folder.resolve("output");
            Process process = new ProcessBuilder(
                            String.valueOf(python),
                            "-c",
                            """
                            import json, sys
                            from feast import FeatureStore
                            answer = FeatureStore(repo_path=sys.argv[1]).get_online_features(
                                features=["driver_stale:score"], entity_rows=[{"driver_id": 1001}]).to_dict()
                            print(json.dumps(answer))
                            """,
                            client.toString())
                    .redirectOutput(output.toFile())
                    .redirectError(folder.resolve("errors").toFile())
                    .start();
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue())
                    .as(Files.readString(folder.resolve("errors")))
                    .isZero();
            JsonNode answer = TestServer.JSON.readTree(output.toFile());
            assertThat(answer.toString()).isEqualTo("{\"driver_id\":[1001],\"score\":[0.25]}");
        }
    }

    private static void assertRefused(Tls files, ErrorCode code, String message) {
        assertThatThrownBy(() -> TlsIdentity.read(files, Clock.systemUTC()))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessage(message);
    }

    private static Tls tls() {
        return new Tls(certificates.key(), certificates.certificate());
    }

    private TestServer start(Tls tls) {
        return TestServer.start(
                TestServer.config(TestServer.goldenRepo(folder), HttpLimits.DEFAULT, tls, null), TestServer.WHEN_FRESH);
    }

    private static HttpClient trusting(Path authority) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(authority)) {
            trusted.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
