package dev.larder.trino;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Properties;

/**
 * Where Trino answers, as whom to ask, and what names without a catalog or schema mean.
 *
 * @param url {@code http://HOST:PORT} or {@code https://HOST:PORT}
 * @param password only over https
 * @param catalog Trino's name of the lake
 * @param schema the project
 */
public record TrinoAddress(URI url, String user, Optional<String> password, String catalog, String schema) {

    /** @throws LarderException {@code DEFINITION_INVALID} for a URL that cannot be used, {@code ARGUMENT_INVALID} for a password without https */
    public TrinoAddress {
        if (!(scheme(url, "http") || scheme(url, "https")) || url.getHost() == null || hasMore(url)) {
            throw invalid(url.toString());
        }
        if (password.isPresent() && !scheme(url, "https")) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "A password for Trino at %s would cross the network unencrypted (expected: https://, or no password)"
                            .formatted(url));
        }
    }

    /** As {@code feature_store.yaml} says it. */
    public static TrinoAddress of(String url, String user, Optional<String> password, String catalog, String schema) {
        try {
            return new TrinoAddress(new URI(url), user, password, catalog, schema);
        } catch (URISyntaxException e) {
            throw invalid(url);
        }
    }

    String jdbcUrl() {
        return "jdbc:trino://" + url.getRawAuthority();
    }

    Properties jdbcProperties() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("source", "larder");
        // What today is, and how a time without a zone is read, shall not depend on whose machine asks.
        properties.setProperty("timezone", "UTC");
        properties.setProperty("SSL", Boolean.toString(scheme(url, "https")));
        password.ifPresent(secret -> properties.setProperty("password", secret));
        return properties;
    }

    @Override
    public String toString() {
        return "TrinoAddress[url=%s, user=%s, password=%s, catalog=%s, schema=%s]"
                .formatted(url, user, password.map(p -> "***").orElse(""), catalog, schema);
    }

    private static boolean scheme(URI url, String scheme) {
        return scheme.equalsIgnoreCase(url.getScheme());
    }

    private static boolean hasMore(URI url) {
        String path = url.getRawPath();
        return url.getRawUserInfo() != null
                || url.getRawQuery() != null
                || url.getRawFragment() != null
                || !(path == null || path.isEmpty() || path.equals("/"));
    }

    private static LarderException invalid(String url) {
        return new LarderException(
                ErrorCode.DEFINITION_INVALID,
                "larder.trino.url: '%s' (expected: http://HOST:PORT or https://HOST:PORT)".formatted(url));
    }
}
