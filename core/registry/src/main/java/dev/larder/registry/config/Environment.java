package dev.larder.registry.config;

import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts environment variables into a text as Feast does: {@code $NAME} and {@code ${NAME}}, unknown ones stay. */
final class Environment {
    private static final Pattern REFERENCE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    /** Characters that no one writes, so that YAML reads an unknown variable as text wherever it stands. */
    private static final char MARK = '\uE000';

    private static final char END = '\uE001';
    private static final Pattern MARKED = Pattern.compile(MARK + "([^" + END + "]*)" + END);

    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    String expand(String text) {
        return REFERENCE.matcher(text).replaceAll(match -> {
            String name = match.group(1) == null ? match.group(2) : match.group(1);
            return Matcher.quoteReplacement(variables.getOrDefault(name, match.group()));
        });
    }

    /** As {@link #expand}, with a mark for each unknown {@code ${NAME}}; a bare {@code $NAME} may be part of a password. */
    String expandMarkingUnknown(String text) {
        return REFERENCE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(valueOrMark(match)));
    }

    private String valueOrMark(MatchResult match) {
        String name = match.group(1) == null ? match.group(2) : match.group(1);
        String value = variables.get(name);
        if (value != null) {
            return value;
        }
        return match.group(2) != null && NAME.matcher(name).matches() ? MARK + name + END : match.group();
    }

    /** The variables that a text of {@link #expandMarkingUnknown} lacks. */
    static List<String> unknown(String text) {
        return MARKED.matcher(text)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }
}
