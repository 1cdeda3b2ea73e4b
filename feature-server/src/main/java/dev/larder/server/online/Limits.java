package dev.larder.server.online;

/**
 * What one request may ask for; it bounds the memory that an answer takes.
 *
 * @param bodyBytes size of the body
 * @param rows entity rows
 * @param features features of one row
 * @param values rows times features
 */
public record Limits(int bodyBytes, int rows, int features, int values) {
    /** Room for any batch that an online client sends in earnest. */
    public static final Limits DEFAULT = new Limits(16 << 20, 50_000, 5_000, 5_000_000);

    public Limits {
        check("bodyBytes", bodyBytes);
        check("rows", rows);
        check("features", features);
        check("values", values);
    }

    private static void check(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
