package dev.larder.registry;

import dev.larder.registry.yaml.YamlMap;
import dev.larder.registry.yaml.YamlNode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as definitions write them: {@code 7d}, {@code 12h}, {@code 30m}, {@code 0s}; a day has 24 hours. */
final class DurationText {
    static final String EXAMPLES = "a duration such as 7d, 12h, 30m or 45s";

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([dhms])");

    private DurationText() {}

    static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "d" -> Duration.ofDays(count);
                    case "h" -> Duration.ofHours(count);
                    case "m" -> Duration.ofMinutes(count);
                    default -> Duration.ofSeconds(count);
                });
    }

    /** The shortest exact form; fractions of a second, which definitions cannot hold, are cut. */
    static String format(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds != 0 && seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds != 0 && seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        if (seconds != 0 && seconds % 60 == 0) {
            return seconds / 60 + "m";
        }
        return seconds + "s";
    }

    /** Reads a key; reports what is no duration and then returns null, as for an absent key. */
    static @Nullable Duration read(YamlMap map, String key) {
        YamlNode node = map.get(key);
        if (node == null) {
            return null;
        }
        Optional<Duration> duration = node.isText() ? parse(String.valueOf(node.asText())) : Optional.empty();
        if (duration.isEmpty()) {
            node.report("%s: %s is not a duration (expected: %s)".formatted(key, node.shown(), EXAMPLES));
        }
        return duration.orElse(null);
    }

    static Duration read(YamlMap map, String key, Duration otherwise) {
        Duration duration = read(map, key);
        return duration == null ? otherwise : duration;
    }
}
