package dev.larder.trino;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;

/**
 * One SQL statement as Trino takes it: without the semicolon at its end. Lines and columns stay those of the text.
 *
 * @param origin how messages call it: a file, or {@code statement}
 */
public record SqlStatement(String text, String origin) {

    /** @throws LarderException {@code ARGUMENT_INVALID} for no statement, or more than one */
    public static SqlStatement of(String text, String origin) {
        int end = -1;
        boolean empty = true;
        int at = 0;
        while (at < text.length()) {
            int next = endOfComment(text, at);
            if (next > at) {
                at = next;
                continue;
            }
            char c = text.charAt(at);
            if (c == ';') {
                end = end < 0 ? at : end;
            } else if (!Character.isWhitespace(c)) {
                if (end >= 0 && !empty) {
                    throw new LarderException(
                            ErrorCode.ARGUMENT_INVALID,
                            origin + ": more than one statement (expected: one; run each by itself)");
                }
                empty = false;
            }
            at = c == '\'' || c == '"' ? endOfQuoted(text, at) : at + 1;
        }
        if (empty) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID, origin + ": no statement (expected: SQL, for instance SHOW TABLES)");
        }
        return new SqlStatement(end < 0 ? text : text.substring(0, end), origin);
    }

    private static int endOfComment(String text, int at) {
        if (text.startsWith("--", at)) {
            int line = text.indexOf('\n', at);
            return line < 0 ? text.length() : line;
        }
        if (text.startsWith("/*", at)) {
            int close = text.indexOf("*/", at + 2);
            return close < 0 ? text.length() : close + 2;
        }
        return at;
    }

    /** A doubled quote ends one and begins another, which comes to the same. */
    private static int endOfQuoted(String text, int at) {
        int close = text.indexOf(text.charAt(at), at + 1);
        return close < 0 ? text.length() : close + 1;
    }
}
