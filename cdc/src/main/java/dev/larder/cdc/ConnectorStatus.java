package dev.larder.cdc;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a connector and its tasks do, in Kafka Connect's words: RUNNING, FAILED, UNASSIGNED, RESTARTING, PAUSED, STOPPED.
 *
 * @param trace what the connector itself failed with, or empty
 */
public record ConnectorStatus(String name, String state, String trace, List<Task> tasks) {
    private static final String FAILED = "FAILED";
    private static final int TRACE_LINES = 3;
    private static final int MAX_MESSAGE = 300;

    /** One task; {@code trace} is empty unless it has failed. */
    public record Task(int id, String state, String trace) {}

    public ConnectorStatus {
        tasks = List.copyOf(tasks);
    }

    /** The connector and at least one task run, and no task does not. */
    public boolean isRunning() {
        return state.equals("RUNNING")
                && !tasks.isEmpty()
                && tasks.stream().allMatch(task -> task.state().equals("RUNNING"));
    }

    /** What has failed and why, in a few lines; empty if nothing has. */
    public Optional<String> failure() {
        Stream<String> connector = state.equals(FAILED) ? Stream.of("connector: " + why(trace)) : Stream.of();
        Stream<String> failedTasks = tasks.stream()
                .filter(task -> task.state().equals(FAILED))
                .map(task -> "task %s: %s".formatted(task.id(), why(task.trace())));
        return Stream.concat(connector, failedTasks).reduce((a, b) -> a + "; " + b);
    }

    /** The exceptions' own messages, the first and the innermost, without the lines of code that they passed. */
    private static String why(String trace) {
        List<String> messages = trace.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("at ") && !line.startsWith("... "))
                .map(ConnectorStatus::withoutClassName)
                .map(ConnectorStatus::withoutDumps)
                .distinct()
                .toList();
        if (messages.isEmpty()) {
            return "no reason given";
        }
        return String.join(" <- ", messages.subList(0, Math.min(TRACE_LINES, messages.size())));
    }

    /** Debezium prints its whole state in nested brackets. */
    private static String withoutDumps(String line) {
        StringBuilder text = new StringBuilder();
        int depth = 0;
        for (int i = 0; i < line.length() && text.length() < MAX_MESSAGE; i++) {
            char letter = line.charAt(i);
            if (letter == '[' || letter == '{') {
                if (depth++ == 0) {
                    text.append("[...]");
                }
            } else if (letter == ']' || letter == '}') {
                depth = Math.max(0, depth - 1);
            } else if (depth == 0) {
                text.append(letter);
            }
        }
        return text.toString();
    }

    /** {@code Caused by: a.b.SomeException: text} becomes {@code text}. */
    private static String withoutClassName(String line) {
        String text = line.startsWith("Caused by: ") ? line.substring("Caused by: ".length()) : line;
        int colon = text.indexOf(": ");
        boolean isClassName = colon > 0 && text.substring(0, colon).matches("[\\w.$]+(Exception|Error)");
        return isClassName ? text.substring(colon + 2) : text;
    }
}
