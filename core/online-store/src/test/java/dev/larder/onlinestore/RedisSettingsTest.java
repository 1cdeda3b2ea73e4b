package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.RedisSettings.Node;
import dev.larder.onlinestore.RedisSettings.Tls;
import dev.larder.onlinestore.RedisSettings.Tls.Verification;
import dev.larder.onlinestore.RedisSettings.Topology;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RedisSettingsTest {

    @Test
    void oneServerHasFeastsDefaults() {
        assertThat(parse("localhost:6379"))
                .isEqualTo(new RedisSettings(
                        Topology.REDIS,
                        List.of(new Node("localhost", 6_379)),
                        "mymaster",
                        0,
                        null,
                        null,
                        null,
                        null,
                        0,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        0,
                        true));
    }

    @Test
    void everyParameterIsUnderstood() {
        RedisSettings settings = RedisSettings.parse(
                "redis",
                "redis-1:6380,db=3,username=larder,password=1234,client_name=bank,protocol=2,socket_timeout=0.25,socket_connect_timeout=2,ssl=true,ssl_cert_reqs=required,ssl_check_hostname=false,ssl_ca_certs=/etc/ca.pem,ssl_certfile=/etc/me.pem,ssl_keyfile=/etc/me.key,ssl_password=shh,retry_on_timeout=true",
                "mymaster",
                OptionalInt.of(86_400));

        assertThat(settings)
                .isEqualTo(new RedisSettings(
                        Topology.REDIS,
                        List.of(new Node("redis-1", 6_380)),
                        "mymaster",
                        3,
                        "larder",
                        "1234",
                        new Tls(Verification.AUTHORITY, "/etc/ca.pem", "/etc/me.pem", "/etc/me.key", "shh"),
                        "bank",
                        2,
                        Duration.ofSeconds(2),
                        Duration.ofMillis(250),
                        86_400,
                        true));
    }

    @Test
    void aClusterHasManyNodesAndOneServerIsTheFirst() {
        assertThat(RedisSettings.parse(
                                "redis_cluster", "a:1,b:2,skip_full_coverage_check=true", "", OptionalInt.empty())
                        .nodes())
                .containsExactly(new Node("a", 1), new Node("b", 2));
        assertThat(parse("a:1,b:2").nodes()).containsExactly(new Node("a", 1));
    }

    @Test
    void portsHaveDefaults() {
        assertThat(parse("redis-1").nodes()).containsExactly(new Node("redis-1", 6_379));
        assertThat(RedisSettings.parse("redis_sentinel", "s1,s2", "main", OptionalInt.empty())
                        .nodes())
                .containsExactly(new Node("s1", 26_379), new Node("s2", 26_379));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a:1,password=p=q|p=q",
                "a:1,password=\"1234\"|1234",
                "a:1,password=007|007",
                "a:1,password=true|true",
                "a:1,password=p p|p p",
            })
    void passwordsAreTakenAsTheyAre(String connectionString, String password) {
        assertThat(parse(connectionString).password()).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:1,password=", "a:1,password=null"})
    void noPasswordIsNone(String connectionString) {
        assertThat(parse(connectionString).password()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "none, true, NONE",
        "optional, true, AUTHORITY_AND_HOST",
        "CERT_REQUIRED, true, ''",
        "required, true, AUTHORITY_AND_HOST",
        "required, 0, AUTHORITY",
    })
    void certificatesAreCheckedAsAsked(String requirement, String host, String verification) {
        String text = "a:1,ssl=true,ssl_cert_reqs=%s,ssl_check_hostname=%s".formatted(requirement, host);
        if (verification.isEmpty()) {
            assertInvalid(text, "ssl_cert_reqs=CERT_REQUIRED (expected: none, optional or required)");
        } else {
            assertThat(parse(text).tls()).extracting(Tls::verification).isEqualTo(Verification.valueOf(verification));
        }
    }

    @Test
    void withoutSslTheOtherWordsAboutItMeanNothing() {
        assertThat(parse("a:1,ssl=false,ssl_ca_certs=/etc/ca.pem").tls()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "db=0|no host in it (expected: host:port, for example localhost:6379)",
                "a:b|a part of it is neither host:port nor name=value",
                "a:70000|a part of it is neither host:port nor name=value",
                "::1|a part of it is neither host:port nor name=value",
                "a b|a part of it is neither host:port nor name=value",
                "a:1,|a part of it is neither host:port nor name=value",
                "a:1,pasword=x|unknown parameter 'pasword' (expected: one of client_name, db, password,",
                "a:1,db=one|db=one (expected: a whole number from 0)",
                "a:1,protocol=4|protocol=4 (expected: a whole number from 2 to 3)",
                "a:1,ssl=False|ssl=False (expected: true or false)",
                "a:1,socket_timeout=soon|socket_timeout=soon (expected: seconds, for example 2 or 0.5)",
                "a:1,socket_timeout=0|socket_timeout=0 (expected: seconds, for example 2 or 0.5)",
                "a:1,ssl=true,ssl_certfile=x|ssl_certfile and ssl_keyfile belong together",
            })
    void whatCannotBeMeantIsNamed(String connectionString, String problem) {
        assertInvalid(connectionString, problem);
    }

    @Test
    void aCommaInAPasswordIsNamedWithoutThePassword() {
        assertThatThrownBy(() -> parse("a:1,password=horse,battery"))
                .hasMessageContaining("no comma in a password")
                .message()
                .doesNotContain("horse", "battery");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a:1,password=horse,battery=staple|unknown parameter after a password (expected: one of client_name, db,",
                "a:1,ssl_password=horse,battery=staple|unknown parameter after a password",
                "a:1,password=horse,db=battery|db=*** (expected: a whole number from 0)",
                "a:1,password=horse,ssl=battery|ssl=*** (expected: true or false)",
                "a:1,password=horse,socket_timeout=battery|socket_timeout=*** (expected: seconds",
                "a:1,password=horse,ssl=true,ssl_cert_reqs=battery|ssl_cert_reqs=*** (expected: none,",
            })
    void whatMayBeTheRestOfAPasswordIsNotShown(String connectionString, String problem) {
        assertInvalid(connectionString, problem);
        assertThatThrownBy(() -> parse(connectionString)).message().doesNotContain("horse", "battery", "staple");
    }

    @Test
    void noTimeToLiveIsWrittenAsZeroToo() {
        assertThat(RedisSettings.parse("redis", "a:1", "", OptionalInt.of(0)).keyTtlSeconds())
                .isZero();
    }

    @Test
    void otherKeysAreCheckedToo() {
        assertThatThrownBy(() -> RedisSettings.parse("redis_ring", "a:1", "", OptionalInt.empty()))
                .hasMessage("online_store.redis_type: 'redis_ring' (expected: redis, redis_cluster or redis_sentinel)");
        assertThatThrownBy(() -> RedisSettings.parse("redis", "a:1", "", OptionalInt.of(-1)))
                .hasMessage("online_store.key_ttl_seconds: -1 (expected: 1 or more, or 0 for none)");
        assertThatThrownBy(() -> RedisSettings.parse("redis_cluster", "a:1,db=2", "", OptionalInt.empty()))
                .hasMessage("online_store.connection_string: db=2 (expected: 0, a cluster has no other)");
    }

    @Test
    void itTravelsWithoutShowingItsSecrets() throws IOException, ClassNotFoundException {
        RedisSettings settings =
                parse("a:1,username=horse,password=horse,ssl=true,ssl_certfile=c,ssl_keyfile=k,ssl_password=horse");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(settings);
        }

        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(settings);
        }
        assertThat(settings + " " + settings.tls()).contains("a:1").doesNotContain("horse");
    }

    private static RedisSettings parse(String connectionString) {
        return Redises.settings(connectionString);
    }

    private static void assertInvalid(String connectionString, String problem) {
        assertThatThrownBy(() -> parse(connectionString))
                .isInstanceOfSatisfying(
                        LarderException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEFINITION_INVALID))
                .hasMessageStartingWith("online_store.connection_string: ")
                .hasMessageContaining(problem);
    }
}
