package dev.larder.materializer;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param file the settings; null: feature_store.yaml of the repository, or the one that FEAST_FS_YAML_FILE_PATH names
 * @param kafka Kafka's bootstrap servers; null: those of feature_store.yaml
 */
record Arguments(Path repo, @Nullable Path file, @Nullable String kafka, String master, List<Step> steps) {
    static final String USAGE =
            """
            usage: -c REPO [-f FILE] [--kafka HOST:PORT] [--master local[2]] STEP [then STEP]...
            steps:
              ingest [--source NAME]...
              compute [--view NAME]... [--from TIME] [--to TIME]
              preview VIEW --entity VALUE|NAME=VALUE,... [--from TIME] [--to TIME] [--limit N]
              materialize START END [--view NAME]...
              materialize-incremental END [--view NAME]...
            times: 2026-11-01 or 2026-11-01T06:00:00Z, UTC unless it says otherwise""";

    private static final int DEFAULT_LIMIT = 20;

    /** @throws LarderException {@code ARGUMENT_INVALID} */
    static Arguments parse(List<String> arguments) {
        Deque<String> rest = new ArrayDeque<>(arguments);
        Map<String, String> options = new HashMap<>();
        while (!rest.isEmpty() && rest.getFirst().startsWith("-")) {
            String option = rest.removeFirst();
            String name =
                    switch (option) {
                        case "-c", "--chdir" -> "-c";
                        case "-f", "--feature-store-yaml" -> "-f";
                        case "--kafka", "--master" -> option;
                        default -> throw invalid("unknown option " + option);
                    };
            options.put(name, valueOf(option, rest));
        }
        String repo = options.get("-c");
        if (repo == null) {
            throw invalid("-c REPO is missing");
        }
        String file = options.get("-f");
        return new Arguments(
                Path.of(repo),
                file == null ? null : Path.of(file),
                options.get("--kafka"),
                options.getOrDefault("--master", "local[2]"),
                steps(rest));
    }

    private static List<Step> steps(Deque<String> rest) {
        List<Step> steps = new ArrayList<>();
        do {
            List<String> words = new ArrayList<>();
            while (!rest.isEmpty() && !rest.getFirst().equals("then")) {
                words.add(rest.removeFirst());
            }
            if (words.isEmpty()) {
                throw invalid(steps.isEmpty() ? "no step is named" : "no step follows 'then'");
            }
            steps.add(new Words(words).step());
        } while ("then".equals(rest.pollFirst()));
        return List.copyOf(steps);
    }

    /** One step's words, taken apart. */
    private static final class Words {
        private final String name;
        private final Deque<String> plain = new ArrayDeque<>();
        private final Map<String, List<String>> options = new HashMap<>();

        Words(List<String> words) {
            Deque<String> rest = new ArrayDeque<>(words);
            name = rest.removeFirst();
            while (!rest.isEmpty()) {
                String word = rest.removeFirst();
                if (word.startsWith("--")) {
                    options.computeIfAbsent(word, option -> new ArrayList<>()).add(valueOf(word, rest));
                } else {
                    plain.add(word);
                }
            }
        }

        Step step() {
            return switch (name) {
                case "ingest" -> {
                    check(0, Set.of("--source"));
                    yield new Step.Ingest(all("--source"));
                }
                case "compute" -> {
                    check(0, Set.of("--view", "--from", "--to"));
                    yield new Step.Compute(all("--view"), time("--from"), time("--to"));
                }
                case "preview" -> {
                    check(1, Set.of("--entity", "--from", "--to", "--limit"));
                    String entity = one("--entity");
                    if (entity == null) {
                        throw invalid("preview needs --entity");
                    }
                    yield new Step.Preview(plain.removeFirst(), entity, time("--from"), time("--to"), limit());
                }
                case "materialize" -> {
                    check(2, Set.of("--view"));
                    yield new Step.Materialize(
                            all("--view"), instant("START", plain.removeFirst()), instant("END", plain.removeFirst()));
                }
                case "materialize-incremental" -> {
                    check(1, Set.of("--view"));
                    yield new Step.MaterializeIncremental(all("--view"), instant("END", plain.removeFirst()));
                }
                default -> throw invalid("unknown step " + name);
            };
        }

        private void check(int count, Set<String> known) {
            if (plain.size() != count) {
                throw invalid("%s takes %d plain arguments, not %d %s".formatted(name, count, plain.size(), plain));
            }
            for (String option : options.keySet()) {
                if (!known.contains(option)) {
                    throw invalid("%s has no option %s".formatted(name, option));
                }
            }
        }

        private List<String> all(String option) {
            return List.copyOf(options.getOrDefault(option, List.of()));
        }

        private @Nullable String one(String option) {
            List<String> values = all(option);
            if (values.size() > 1) {
                throw invalid("%s is given %d times".formatted(option, values.size()));
            }
            return values.isEmpty() ? null : values.get(0);
        }

        private @Nullable Instant time(String option) {
            String text = one(option);
            return text == null ? null : instant(option, text);
        }

        private int limit() {
            String text = one("--limit");
            try {
                int limit = text == null ? DEFAULT_LIMIT : Integer.parseInt(text);
                if (limit > 0) {
                    return limit;
                }
            } catch (NumberFormatException e) {
                throw new LarderException(ErrorCode.ARGUMENT_INVALID, limitMessage(text), e);
            }
            throw new LarderException(ErrorCode.ARGUMENT_INVALID, limitMessage(text));
        }

        private static String limitMessage(@Nullable String text) {
            return "--limit: '%s' is no number of rows (expected: 1 or more)".formatted(text);
        }
    }

    private static String valueOf(String option, Deque<String> rest) {
        String value = rest.pollFirst();
        if (value == null) {
            throw invalid(option + " has no value");
        }
        return value;
    }

    private static Instant instant(String name, String text) {
        try {
            if (text.indexOf('T') < 0) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            return text.endsWith("Z") || text.matches(".*T.*[+-].*")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%s: '%s' is no point in time (expected: 2026-11-01 or 2026-11-01T06:00:00Z)".formatted(name, text),
                    e);
        }
    }

    private static LarderException invalid(String what) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, what + "\n" + USAGE);
    }
}
