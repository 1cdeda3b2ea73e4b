package dev.larder.onlinestore;

import dev.larder.onlinestore.RedisSettings.Node;
import dev.larder.onlinestore.RedisSettings.Tls;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;

/** Where the client connects to, and as whom. */
final class RedisUris {
    private RedisUris() {}

    static RedisURI dataNode(RedisSettings settings, Node node) {
        return withCredentials(RedisURI.builder().withHost(node.host()).withPort(node.port()), settings)
                .build();
    }

    /** Feast, too, sends credentials to the master only, and speaks to the sentinels in the clear. */
    static RedisURI behindSentinels(RedisSettings settings) {
        RedisURI.Builder uri =
                withCredentials(RedisURI.builder().withSentinelMasterId(settings.sentinelMaster()), settings);
        for (Node node : settings.nodes()) {
            uri.withSentinel(RedisURI.builder()
                    .withHost(node.host())
                    .withPort(node.port())
                    .withTimeout(settings.connectTimeout())
                    .build());
        }
        RedisURI built = uri.build();
        // Building it has taken the master's encryption over to them.
        built.getSentinels().forEach(sentinel -> sentinel.setSsl(false));
        return built;
    }

    private static RedisURI.Builder withCredentials(RedisURI.Builder uri, RedisSettings settings) {
        uri.withDatabase(settings.database()).withTimeout(settings.connectTimeout());
        String password = settings.password();
        String username = settings.username();
        if (username != null) {
            uri.withAuthentication(username, password == null ? "" : password);
        } else if (password != null) {
            uri.withPassword(password.toCharArray());
        }
        if (settings.clientName() != null) {
            uri.withClientName(settings.clientName());
        }
        Tls tls = settings.tls();
        if (tls != null) {
            uri.withSsl(true)
                    .withVerifyPeer(
                            switch (tls.verification()) {
                                case NONE -> SslVerifyMode.NONE;
                                case AUTHORITY -> SslVerifyMode.CA;
                                case AUTHORITY_AND_HOST -> SslVerifyMode.FULL;
                            });
        }
        return uri;
    }
}
