package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.servers.RedisServer;
import dev.larder.servers.RedisServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole contract with a password over TLS, and who is turned away. */
final class RedisEncryptedTest extends OnlineStoreContract {
    private static final String PASSWORD = "correct-horse";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static RedisServers servers;

    @SuppressWarnings("NullAway.Init")
    private static RedisServer server;

    @SuppressWarnings("NullAway.Init")
    private static Certificates certificates;

    @BeforeAll
    static void startRedis() throws IOException, InterruptedException {
        servers = Redises.in(Files.createDirectory(folder.resolve("servers")));
        certificates = Certificates.make(Files.createDirectory(folder.resolve("certificates")));
        server = servers.encrypted(
                certificates.authority(), certificates.certificate(), certificates.key(), "requirepass " + PASSWORD);
    }

    @AfterAll
    static void stopRedis() {
        if (servers != null) {
            servers.close();
        }
    }

    @AfterEach
    void empty() {
        server.cli("FLUSHALL");
    }

    @Override
    protected OnlineStore openStore() {
        return Redises.open(encrypted("localhost", "password=" + PASSWORD + ",ssl_ca_certs=" + authority()));
    }

    @Override
    protected AutoCloseable takeTurn(String view) {
        return Redises.takeTurn(store(), view);
    }

    private static String encrypted(String host, String more) {
        return "%s:%d,ssl=true,%s".formatted(host, server.port(), more);
    }

    private static Path authority() {
        return certificates.authority();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssl_cert_reqs=none", "ssl_check_hostname=false,ssl_ca_certs=AUTHORITY"})
    void aCertificateForAnotherNameIsTakenWhenToldSo(String how) {
        try (OnlineStore store = Redises.open(
                encrypted("127.0.0.1", "password=" + PASSWORD + "," + how.replace("AUTHORITY", "" + authority())))) {
            assertThat(store.state("week")).isEmpty();
        }
    }

    @Test
    void aCertificateForAnotherNameIsRefusedOtherwise() {
        assertUnavailable(
                encrypted("127.0.0.1", "password=" + PASSWORD + ",ssl_ca_certs=" + authority()),
                "do not agree on an encrypted connection",
                "ssl_check_hostname");
    }

    @Test
    void sentinelsAreAskedInTheClearForAMasterThatIsNot() {
        RedisServer sentinel = servers.sentinel("other").sentinel();
        sentinel.cli("SENTINEL", "MONITOR", "larder", "127.0.0.1", Integer.toString(server.port()), "1");
        String connection = sentinel.address() + ",ssl=true,ssl_check_hostname=false,password=" + PASSWORD
                + ",ssl_ca_certs=" + authority();
        try (OnlineStore store = RedisOnlineStore.open(
                RedisSettings.parse("redis_sentinel", connection, "larder", OptionalInt.empty()), Redises.PROJECT)) {
            assertThat(store.state("week")).isEmpty();
        }
    }

    @Test
    void anAuthorityThatNobodyKnowsIsRefused() {
        assertUnavailable(
                encrypted("localhost", "password=" + PASSWORD),
                "do not agree on an encrypted connection",
                "Check ssl, ssl_ca_certs");
    }

    @Test
    void speakingInTheClearIsNamed() {
        assertUnavailable(
                "localhost:" + server.port() + ",password=" + PASSWORD, "a server that speaks TLS wants ssl=true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"socket_timeout=0.5", "socket_connect_timeout=0.5"})
    void askingForEncryptionWhereThereIsNoneIsNamed(String impatient) {
        RedisServer plain = servers.standalone();
        try (OnlineStore store = Redises.open(plain.address() + ",ssl=true," + impatient)) {
            ViewRead read = new ViewRead("week", FEATURES, List.of(key(1)));
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(() -> store.state("week"), () -> store.read(List.of(read)))) {
                assertThatThrownBy(call)
                        .isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                                .isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE))
                        .message()
                        .contains("Redis at " + plain.address(), "agree on an encrypted connection")
                        .containsAnyOf("take ssl=true out of connection_string", "Check ssl, ");
            }
        }
    }

    @Test
    void aMissingPasswordIsNamed() {
        assertUnavailable(
                encrypted("localhost", "ssl_ca_certs=" + authority()), "asks for a password. Add password=... to");
    }

    @Test
    void aWrongPasswordIsNamedButNotTold() {
        assertUnavailable(
                encrypted("localhost", "password=wrong-horse,ssl_ca_certs=" + authority()),
                "refuses user name or password. Correct username= and password= of connection_string");
    }

    @Test
    void aUserMayBeAllowedTooLittle() {
        server.cli("ACL", "SETUSER", "reader", "on", ">reading", "~*", "+hget", "+hmget", "+hello");
        String reader = encrypted("localhost", "username=reader,password=reading,ssl_ca_certs=" + authority());
        try (OnlineStore store = Redises.open(reader)) {
            assertThat(store.state("week")).isEmpty();
            assertThatThrownBy(() -> store.saveState("week", new OnlineStore.MaterializationState(1, NOON, "hash")))
                    .hasMessageContaining("does not let this user do that. Give the user the commands HMGET");
        }
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        try (OnlineStore store = Redises.open(encrypted("localhost", "ssl_ca_certs=/absent/ca.crt"))) {
            assertThatThrownBy(() -> store.state("week"))
                    .isInstanceOfSatisfying(
                            LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                    .hasMessage(
                            "online_store.connection_string: ssl_ca_certs=/absent/ca.crt cannot be read (expected: a PEM file)");
        }
    }

    private static void assertUnavailable(String connectionString, String... words) {
        try (OnlineStore store = Redises.open(connectionString)) {
            assertThatThrownBy(() -> store.state("week"))
                    .isInstanceOfSatisfying(LarderException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.ONLINE_STORE_UNAVAILABLE))
                    .message()
                    .contains("Redis at ", ":" + server.port())
                    .contains(words)
                    .doesNotContain("horse");
        }
    }
}
