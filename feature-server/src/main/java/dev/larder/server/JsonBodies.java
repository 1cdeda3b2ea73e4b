package dev.larder.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.larder.model.LarderException;
import dev.larder.server.materialize.Materializations.Report;
import dev.larder.server.online.InvalidRequest;
import dev.larder.server.online.InvalidRequest.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Request and error bodies in the forms that Feast's server and clients use. */
final class JsonBodies {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            // Python writes and reads NaN and infinities.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            // The one with the shortest digits: Double.toString is not, before JDK 19.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private static final String START_MARKER = " (start marker at";
    private static final String NUMBERS_THAT_ARE_NONE = " (or 'NaN'/'+INF'/'-INF')";

    private JsonBodies() {}

    /**
     * A body as null (an empty one), Boolean, Number, String, List or Map.
     *
     * @throws InvalidRequest if it is no JSON
     */
    static @Nullable Object parse(byte[] body) throws IOException {
        if (body.length == 0) {
            return null;
        }
        try {
            return JSON.readValue(body, Object.class);
        } catch (JsonProcessingException e) {
            throw new InvalidRequest(List.of(problem(e, body)));
        }
    }

    /** The parser's words, but Python's where these would speak of settings. */
    private static Problem problem(JsonProcessingException e, byte[] body) {
        boolean blank = new String(body, StandardCharsets.UTF_8).isBlank();
        long offset = blank || e.getLocation() == null
                ? body.length
                : Math.max(0, e.getLocation().getByteOffset());
        int position = new String(body, 0, (int) Math.min(offset, body.length), StandardCharsets.UTF_8).length();
        String reason = e.getOriginalMessage().replace(NUMBERS_THAT_ARE_NONE, "");
        if (e instanceof MismatchedInputException) {
            reason = blank ? "Expecting value" : "Extra data";
        } else if (reason.contains(START_MARKER)) {
            reason = reason.substring(0, reason.indexOf(START_MARKER));
        }
        return new Problem(
                "json_invalid", List.of("body", position), "JSON decode error", Map.of(), Map.of("error", reason));
    }

    /** An answer of ours, to be taken apart. */
    static JsonNode tree(byte[] json) throws IOException {
        return JSON.readTree(json);
    }

    /** @param value a tree, or maps and lists; written with line breaks, for people */
    static byte[] readable(Object value) throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(value);
    }

    /** A JSON string that holds a JSON object: Feast's clients parse twice and raise the class by its name. */
    static byte[] feastError(ErrorAnswer error) throws IOException {
        String inner = "{\"module\": \"feast.errors\", \"class\": \"%s\", \"message\": %s}"
                .formatted(error.feastClass(), JSON.writeValueAsString(error.message()));
        return JSON.writeValueAsBytes(inner);
    }

    /** FastAPI's form of a request that has the wrong shape. */
    static byte[] detail(List<Problem> problems) throws IOException {
        return JSON.writeValueAsBytes(
                Map.of("detail", problems.stream().map(JsonBodies::fields).toList()));
    }

    /** FastAPI's form of everything else. */
    static byte[] detail(String text) throws IOException {
        return JSON.writeValueAsBytes(Map.of("detail", text));
    }

    /** Feast's answer to a materialization that goes on without its caller. */
    static byte[] accepted(List<String> featureViews) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("status", "accepted");
        fields.put("feature_views", featureViews);
        return JSON.writeValueAsBytes(fields);
    }

    /** Feast's answer to one that must not begin. */
    static byte[] conflict(String error, List<String> featureViews) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("error", error);
        fields.put("feature_views", featureViews);
        return JSON.writeValueAsBytes(fields);
    }

    static byte[] reports(List<Report> reports) throws IOException {
        return JSON.writeValueAsBytes(Map.of(
                "materializations", reports.stream().map(JsonBodies::fields).toList()));
    }

    private static Map<String, @Nullable Object> fields(Report report) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        LarderException failure = report.failure();
        fields.put("feature_views", report.asked().featureViews());
        fields.put("start_ts", text(report.asked().start()));
        fields.put("end_ts", report.asked().end().toString());
        fields.put("state", report.state().name().toLowerCase(Locale.ROOT));
        fields.put("submitted", report.submitted().toString());
        fields.put("ended", text(report.ended()));
        fields.put("error", failure == null ? null : failure.code() + ": " + failure.getMessage());
        return fields;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static Map<String, @Nullable Object> fields(Problem problem) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("type", problem.type());
        fields.put("loc", problem.location());
        fields.put("msg", problem.message());
        fields.put("input", problem.input());
        if (!problem.context().isEmpty()) {
            fields.put("ctx", problem.context());
        }
        return fields;
    }
}
