package dev.larder.onlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import io.lettuce.core.RedisCommandTimeoutException;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a failure of Redis means, and the way out of it. */
final class RedisFailures {
    /** Those within scripts too; the last three only for a cluster. */
    static final String COMMANDS =
            "HMGET, HGETALL, HGET, HSET, HSETNX, HDEL, HKEYS, DEL, EXPIRE, EVALSHA, EVAL, TIME, SCAN, SET, GET, PEXPIRE, PTTL, MGET, CLUSTER, ASKING";

    /** By the first word of Redis's own message. */
    private static final Map<String, String> WAYS_OUT = Map.of(
            "NOAUTH", "asks for a password. Add password=... to connection_string in feature_store.yaml.",
            "WRONGPASS",
                    "refuses user name or password. Correct username= and password= of connection_string in feature_store.yaml.",
            "NOPERM", "does not let this user do that. Give the user the commands " + COMMANDS + ".",
            "READONLY",
                    "is a replica, which takes no writes. Name the master in connection_string, or use redis_type: redis_sentinel.",
            "LOADING", "is still loading its data. Try again when it is done.",
            "MASTERDOWN", "is a replica that has lost its master. Try again when there is a master.",
            "CLUSTERDOWN",
                    "has hash slots that no node serves. Bring the missing node back ('redis-cli --cluster check' names it).",
            "MISCONF", "takes no writes since it cannot save its data to disk. Its own log says why.",
            "OOM", "has reached its maxmemory. Give it more memory, or set key_ttl_seconds.");

    /** How Lettuce's message begins when a server takes the connection and then says nothing that is understood. */
    private static final String NOT_CONNECTED = "Connection initialization timed out";

    private final RedisSettings settings;

    RedisFailures(RedisSettings settings) {
        this.settings = settings;
    }

    LarderException of(Throwable failure) {
        Set<Throwable> causes = new LinkedHashSet<>();
        collect(failure, causes);
        Throwable root = failure;
        for (Throwable cause : causes) {
            root = cause;
            if (cause instanceof LarderException known) {
                return known;
            }
            String message = String.valueOf(cause.getMessage());
            String wayOut = WAYS_OUT.get(message.split(" ", 2)[0]);
            if (wayOut != null) {
                return unavailable(wayOut + " It said: " + message, failure);
            } else if (message.startsWith("WRONGTYPE")) {
                return new LarderException(
                        ErrorCode.ONLINE_STORE_CORRUPT,
                        "Redis at %s holds something else than a hash under an entity's key (expected: hashes as Feast writes them; delete the key that another program uses)"
                                .formatted(settings.address()),
                        failure);
            } else if (message.contains("cluster support disabled")) {
                return unavailable("is no cluster. Use redis_type: redis.", failure);
            } else if (message.startsWith("MOVED ")) {
                return unavailable("is part of a cluster. Use redis_type: redis_cluster.", failure);
            } else if (message.contains("using sentinel for masterId")) {
                return unavailable(
                        "know no master of that name. Correct sentinel_master in feature_store.yaml.", failure);
            } else if (message.startsWith("Currently not connected")) {
                return unavailable("has gone, and is not back yet. Start it, or try again.", failure);
            } else if (cause instanceof RedisCommandTimeoutException) {
                return message.startsWith(NOT_CONNECTED) && settings.tls() != null
                        ? unavailable(
                                "did not agree on an encrypted connection within %s s. If it speaks no TLS, take ssl=true out of connection_string in feature_store.yaml; else see what keeps it busy."
                                        .formatted(seconds(settings.commandTimeout())),
                                failure)
                        : timeout(failure);
            } else if (cause instanceof SSLException) {
                return unavailable(
                        "and this side do not agree on an encrypted connection: %s. Check ssl, ssl_ca_certs, ssl_cert_reqs and ssl_check_hostname in connection_string."
                                .formatted(message),
                        failure);
            } else if (cause instanceof UnknownHostException) {
                return unavailable("has a host name that is not known. Correct connection_string.", failure);
            } else if (cause instanceof ConnectException || cause instanceof SocketTimeoutException) {
                return unavailable(
                        "does not take connections: %s. Start it, or correct connection_string in feature_store.yaml."
                                .formatted(message),
                        failure);
            }
        }
        if (root instanceof IOException && settings.tls() == null) {
            return unavailable(
                    "cannot be used: %s. Start it, or correct connection_string in feature_store.yaml: a server that speaks TLS wants ssl=true."
                            .formatted(root.getMessage() == null ? root.toString() : root.getMessage()),
                    failure);
        }
        return unavailable(
                "cannot be used: %s. Start it, or correct connection_string in feature_store.yaml."
                        .formatted(root.getMessage() == null ? root.toString() : root.getMessage()),
                failure);
    }

    /** Of a cluster's nodes each has its own failure, which is suppressed and not a cause. */
    private static void collect(Throwable failure, Set<Throwable> causes) {
        if (causes.add(failure)) {
            if (failure.getCause() != null) {
                collect(failure.getCause(), causes);
            }
            for (Throwable suppressed : failure.getSuppressed()) {
                collect(suppressed, causes);
            }
        }
    }

    LarderException timeout() {
        return timeout(null);
    }

    private LarderException timeout(@Nullable Throwable cause) {
        return unavailable(
                "did not answer within %s s. See what keeps it busy ('redis-cli slowlog get'), or raise socket_timeout in connection_string."
                        .formatted(seconds(settings.commandTimeout())),
                cause);
    }

    LarderException interrupted(InterruptedException cause) {
        return unavailable("was not waited for any longer: this thread was told to stop.", cause);
    }

    LarderException emptied() {
        return unavailable("was emptied meanwhile. Run this again.", null);
    }

    /** @param states the hash that remembers what is materialized; without the view's field all its rows are written again */
    LarderException corruptTime(String featureView, String states) {
        return new LarderException(
                ErrorCode.ONLINE_STORE_CORRUPT,
                "Redis at %s holds a row of feature view %s without a usable time (expected: as Feast writes it). Run redis-cli HDEL '%s' %s, then materialize the view again."
                        .formatted(settings.address(), featureView, states, featureView));
    }

    private LarderException unavailable(String problem, @Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.ONLINE_STORE_UNAVAILABLE, "Redis at %s %s".formatted(settings.address(), problem), cause);
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    }
}
