package dev.larder.trino;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrinoAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "trino:8080",
                "jdbc:trino://trino:8080",
                "http://",
                "http://trino:8080/lakehouse",
                "http://me@trino:8080",
                "http://a b"
            })
    void anotherUrlThanHttpOrHttpsWithAHostIsRefused(String url) {
        assertThatThrownBy(() -> address(url, Optional.empty()))
                .hasMessage("larder.trino.url: '%s' (expected: http://HOST:PORT or https://HOST:PORT)".formatted(url));
    }

    @Test
    void httpsIsPassedOnToTheDriverWithThePassword() {
        TrinoAddress address = address("https://trino.example.com:8443/", Optional.of("secret"));
        assertThat(address.jdbcUrl()).isEqualTo("jdbc:trino://trino.example.com:8443");
        assertThat(address.jdbcProperties())
                .containsEntry("SSL", "true")
                .containsEntry("user", "larder")
                .containsEntry("password", "secret")
                .containsEntry("timezone", "UTC");
        assertThat(address.toString()).doesNotContain("secret");
    }

    @Test
    void aPasswordDoesNotCrossTheNetworkInTheClear() {
        assertThatThrownBy(() -> address("http://trino:8080", Optional.of("secret")))
                .hasMessage(
                        "A password for Trino at http://trino:8080 would cross the network unencrypted (expected: https://, or no password)");
    }

    private static TrinoAddress address(String url, Optional<String> password) {
        return TrinoAddress.of(url, "larder", password, "lakehouse", "banking");
    }
}
