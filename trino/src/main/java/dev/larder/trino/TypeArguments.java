package dev.larder.trino;

import java.util.ArrayList;
import java.util.List;

/** What stands between a type's parentheses: {@code map(varchar,row(a bigint))} has varchar and row(a bigint). */
final class TypeArguments {
    private TypeArguments() {}

    static List<String> of(String type) {
        List<String> arguments = new ArrayList<>();
        int depth = 0;
        boolean quoted = false;
        int begin = type.indexOf('(') + 1;
        for (int at = begin; at < type.length(); at++) {
            char c = type.charAt(at);
            if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && depth == 0 && (c == ',' || c == ')')) {
                arguments.add(type.substring(begin, at).strip());
                begin = at + 1;
            } else if (!quoted && (c == '(' || c == ')')) {
                depth += c == '(' ? 1 : -1;
            }
        }
        return arguments;
    }

    /** {@code a bigint} or {@code "a b" bigint} as bigint. */
    static String withoutName(String field) {
        int from = field.startsWith("\"") ? field.lastIndexOf('"') : 0;
        return field.substring(field.indexOf(' ', from) + 1);
    }
}
