package dev.larder.cdc;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The source database.
 *
 * @param password null where the server asks for none
 */
public record PostgresSource(String host, int port, String database, String user, @Nullable String password) {
    private static final String CONNECT_TIMEOUT_SECONDS = "10";

    public String jdbcUrl() {
        return "jdbc:postgresql://%s:%s/%s".formatted(host, Integer.toString(port), database);
    }

    /** @throws LarderException {@code SOURCE_UNAVAILABLE} */
    public Connection connect() {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("connectTimeout", CONNECT_TIMEOUT_SECONDS);
        properties.setProperty("loginTimeout", CONNECT_TIMEOUT_SECONDS);
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "larder");
        properties.setProperty("reWriteBatchedInserts", "true");
        try {
            return DriverManager.getConnection(jdbcUrl(), properties);
        } catch (SQLException e) {
            throw new LarderException(
                    ErrorCode.SOURCE_UNAVAILABLE,
                    "PostgreSQL at %s:%s (database %s, user %s) cannot be reached: %s Check that it runs, and larder.postgres in feature_store.yaml."
                            .formatted(host, Integer.toString(port), database, user, sentence(e)),
                    e);
        }
    }

    /** The driver ends some of its messages with a full stop and some without. */
    private static String sentence(SQLException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.endsWith(".") ? message : message + ".";
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "%s as %s".formatted(jdbcUrl(), user);
    }
}
