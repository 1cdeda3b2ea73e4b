package dev.larder.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.endtoend.Source.Expected;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What differs between an answer and what the source says it must be. */
final class Comparison {
    private Comparison() {}

    /** Where a strict online answer differs: value, status or event time. */
    static List<String> onlineMistakes(
            Answer answer, List<Long> users, List<Expected> transactions, List<Expected> customers) {
        List<String> mistakes = new ArrayList<>();
        for (int row = 0; row < users.size(); row++) {
            for (Expected expected : List.of(transactions.get(row), customers.get(row))) {
                boolean absent = expected.stamp() == null || expected.deleted();
                for (Map.Entry<String, @Nullable Object> cell :
                        expected.features().entrySet()) {
                    JsonNode value = answer.value(cell.getKey(), row);
                    String status = answer.status(cell.getKey(), row);
                    Object wanted = absent ? null : cell.getValue();
                    String wantedStatus = absent ? "NOT_FOUND" : wanted == null ? "NULL_VALUE" : "PRESENT";
                    String time = answer.eventTime(cell.getKey(), row);
                    boolean rightTime = absent || Instant.parse(time).equals(Objects.requireNonNull(expected.stamp()));
                    if (!sameJson(wanted, value) || !status.equals(wantedStatus) || !rightTime) {
                        mistakes.add("user %d %s: %s %s at %s, the source says %s %s at %s"
                                .formatted(
                                        users.get(row),
                                        cell.getKey(),
                                        value,
                                        status,
                                        time,
                                        wanted,
                                        wantedStatus,
                                        expected.stamp()));
                    }
                }
            }
        }
        return mistakes;
    }

    /** Where Feast's SDK reads something else than the source says. */
    static List<String> sdkMistakes(
            JsonNode sdk, List<Long> users, List<Expected> transactions, List<Expected> customers) {
        List<String> mistakes = new ArrayList<>();
        for (int row = 0; row < users.size(); row++) {
            for (Expected expected : List.of(transactions.get(row), customers.get(row))) {
                for (Map.Entry<String, @Nullable Object> cell :
                        expected.features().entrySet()) {
                    JsonNode value = sdk.path("columns").path(cell.getKey()).get(row);
                    Object wanted = expected.deleted() ? null : cell.getValue();
                    if (!sameJson(wanted, value)) {
                        mistakes.add("user %d %s: Feast reads %s, the source says %s"
                                .formatted(users.get(row), cell.getKey(), value, wanted));
                    }
                }
            }
        }
        return mistakes;
    }

    /** Whether a value read by SQL is the expected one. */
    static boolean same(@Nullable Object expected, @Nullable Object actual) {
        if (expected instanceof Float number) {
            return actual instanceof Number other && other.floatValue() == number;
        }
        if (expected instanceof Number number) {
            return actual instanceof Number other && other.longValue() == number.longValue();
        }
        return Objects.equals(expected, actual);
    }

    private static boolean sameJson(@Nullable Object expected, JsonNode actual) {
        if (expected == null) {
            return actual.isNull();
        }
        if (expected instanceof Float number) {
            return actual.isNumber() && actual.doubleValue() == (double) number;
        }
        if (expected instanceof Number number) {
            return actual.isIntegralNumber() && actual.longValue() == number.longValue();
        }
        return actual.isTextual() && actual.textValue().equals(expected);
    }
}
