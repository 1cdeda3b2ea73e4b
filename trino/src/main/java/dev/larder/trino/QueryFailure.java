package dev.larder.trino;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells what the driver's exceptions mean. */
final class QueryFailure {
    /** Only what Trino itself answered looks like this; all else is a server that does not answer as one. */
    private static final Pattern ANSWER = Pattern.compile("Query failed \\(#([^)]*)\\): (.*)", Pattern.DOTALL);

    private static final int ABANDONED_QUERY = 2;
    private static final int USER_CANCELED = 3;
    private static final int ADMINISTRATIVELY_KILLED = 38;
    private static final int FIRST_THAT_IS_NOT_THE_USERS = 0x1_0000;
    private static final int SERVER_SHUTTING_DOWN = 0x1_0009;
    private static final int SERVER_STARTING_UP = 0x1_000C;
    private static final int EXCEEDED_TIME_LIMIT = 0x2_0003;

    private QueryFailure() {}

    static LarderException of(SQLException failure, SqlStatement sql, TrinoAddress address, boolean cancelled) {
        String message = String.valueOf(failure.getMessage());
        Matcher answer = ANSWER.matcher(message);
        boolean answered = answer.matches();
        if (cancelled) {
            return new LarderException(ErrorCode.QUERY_CANCELLED, sql.origin() + ": cancelled before its end", failure);
        }
        if (!answered) {
            return new LarderException(ErrorCode.TRINO_UNAVAILABLE, unavailable(address, reason(failure)), failure);
        }
        ErrorCode code = code(failure.getErrorCode());
        String reason = oneLine(answer.group(2));
        if (code == ErrorCode.TRINO_UNAVAILABLE) {
            return new LarderException(code, unavailable(address, reason), failure);
        }
        String query =
                code == ErrorCode.QUERY_INVALID ? "" : " (query %s at %s)".formatted(answer.group(1), address.url());
        return new LarderException(code, sql.origin() + ": " + reason + query, failure);
    }

    private static ErrorCode code(int trino) {
        return switch (trino) {
            case ABANDONED_QUERY, USER_CANCELED, ADMINISTRATIVELY_KILLED -> ErrorCode.QUERY_CANCELLED;
            case SERVER_SHUTTING_DOWN, SERVER_STARTING_UP -> ErrorCode.TRINO_UNAVAILABLE;
            case EXCEEDED_TIME_LIMIT -> ErrorCode.QUERY_TIMEOUT;
            default -> trino < FIRST_THAT_IS_NOT_THE_USERS ? ErrorCode.QUERY_INVALID : ErrorCode.QUERY_FAILED;
        };
    }

    private static String unavailable(TrinoAddress address, String reason) {
        return "Trino at %s does not answer as it should: %s. Start it, or correct larder.trino in feature_store.yaml."
                .formatted(address.url(), reason);
    }

    /** The innermost cause names the address; what is wrapped around it repeats class names. */
    private static String reason(SQLException failure) {
        Throwable reason = failure;
        while (reason.getCause() != null && reason.getCause().getMessage() != null) {
            reason = reason.getCause();
        }
        String text = oneLine(String.valueOf(reason.getMessage()));
        return text.length() > 300 ? text.substring(0, 300) + "..." : text;
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
