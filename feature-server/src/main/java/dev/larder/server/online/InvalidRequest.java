package dev.larder.server.online;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A body that is no JSON, or not of the request's shape; answered with status 422 in FastAPI's form. */
public final class InvalidRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public InvalidRequest(List<Problem> problems) {
        super("Invalid request: " + problems.stream().map(Problem::message).toList());
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /**
     * One mistake.
     *
     * @param type pydantic's name of the mistake
     * @param location names and positions from {@code body} down
     * @param input what was found there
     * @param context more about it, as pydantic gives it; empty for none
     */
    public record Problem(
            String type, List<Object> location, String message, @Nullable Object input, Map<String, String> context) {
        public Problem {
            location = List.copyOf(location);
        }

        public Problem(String type, List<Object> location, String message, @Nullable Object input) {
            this(type, location, message, input, Map.of());
        }

        static Problem missing(List<Object> location, @Nullable Object input) {
            return new Problem("missing", location, "Field required", input);
        }
    }
}
