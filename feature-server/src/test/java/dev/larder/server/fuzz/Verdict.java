package dev.larder.server.fuzz;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.grpc.Status;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What may be answered to any input. */
final class Verdict {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Pattern STACK_TRACE =
            Pattern.compile("\tat |\\b[a-z]\\w*(\\.[a-z]\\w*)+\\.[A-Z]\\w*(Exception|Error)\\b");
    private static final int NOT_IMPLEMENTED = 501;
    private static final int UNAVAILABLE = 503;
    private static final int VERSION = 505;

    private static final Set<Status.Code> CALLERS = EnumSet.of(
            Status.Code.OK,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.NOT_FOUND,
            Status.Code.UNIMPLEMENTED,
            Status.Code.RESOURCE_EXHAUSTED);
    /** What gRPC itself says when a call is none. */
    private static final Set<Status.Code> FRAMING =
            EnumSet.of(Status.Code.INTERNAL, Status.Code.CANCELLED, Status.Code.DEADLINE_EXCEEDED);

    private Verdict() {}

    /** @return what is wrong, or nothing */
    static String of(HttpInput input, HttpWire.@Nullable Answer answer, boolean stopped) {
        if (answer == null) {
            return input.broken() ? "" : "the connection was closed without an answer";
        }
        boolean allowed = answer.status() < 500
                || (answer.status() == NOT_IMPLEMENTED && answer.text().contains("feast.errors"))
                || (answer.status() == UNAVAILABLE && stopped)
                || (answer.status() == VERSION && input.hasOddVersion());
        Matcher trace = STACK_TRACE.matcher(answer.isJson() || answer.status() >= 400 ? answer.text() : "");
        if (!allowed) {
            return "answered " + answer;
        } else if (trace.find()) {
            return "a stack trace, " + trace.group() + ", in " + answer;
        } else if (answer.body().length > 0 && (answer.isJson() || answer.status() >= 400)) {
            try {
                JSON.readTree(answer.body());
            } catch (IOException e) {
                return "no JSON (" + e.getMessage() + ") in " + answer;
            }
        }
        return "";
    }

    /** @return what is wrong, or nothing */
    static String of(GrpcInput input, GrpcWire.Answer answer, boolean stopped) {
        Matcher trace = STACK_TRACE.matcher(answer.message());
        if (trace.find()) {
            return "a stack trace, " + trace.group() + ", in " + answer;
        }
        if (answer.grpc() < 0) {
            return input.broken() && answer.http() < 500 ? "" : "answered " + answer;
        }
        Status.Code code = Status.fromCodeValue(answer.grpc()).getCode();
        boolean allowed = CALLERS.contains(code)
                || (input.broken() && FRAMING.contains(code))
                || (stopped && code == Status.Code.UNAVAILABLE);
        return allowed ? "" : "answered " + answer;
    }

    static String status(GrpcWire.Answer answer) {
        if (answer.grpc() >= 0) {
            return Status.fromCodeValue(answer.grpc()).getCode().name();
        }
        return answer.reset() ? "reset" : "HTTP " + answer.http();
    }
}
