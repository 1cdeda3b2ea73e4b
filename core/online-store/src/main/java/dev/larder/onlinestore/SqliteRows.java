package dev.larder.onlinestore;

import org.jspecify.annotations.Nullable;

/** Rows as SQLite gives them: each value an array of its own, times in whole seconds. */
final class SqliteRows implements ViewRows {
    private final int width;
    private final byte[] @Nullable [] values;
    private final boolean[] found;
    private final long[] seconds;

    SqliteRows(int size, int width) {
        this.width = width;
        values = new byte[size * width][];
        found = new boolean[size];
        seconds = new long[size];
    }

    /** @param eventSeconds of one of the row's features; the latest is the row's */
    void found(int row, long eventSeconds) {
        seconds[row] = found[row] ? Math.max(seconds[row], eventSeconds) : eventSeconds;
        found[row] = true;
    }

    void set(int row, int feature, byte[] value) {
        values[row * width + feature] = value;
    }

    @Override
    public int size() {
        return found.length;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public boolean isFound(int row) {
        return found[row];
    }

    @Override
    public long eventSeconds(int row) {
        return seconds[row];
    }

    @Override
    public int eventNanos(int row) {
        return 0;
    }

    @Override
    public int start(int row, int feature) {
        return values[row * width + feature] == null ? -1 : 0;
    }

    @Override
    public int length(int row, int feature) {
        return buffer(row, feature).length;
    }

    @Override
    public byte[] buffer(int row, int feature) {
        byte[] value = values[row * width + feature];
        if (value == null) {
            throw new IllegalArgumentException("row " + row + ", feature " + feature + ": was never written");
        }
        return value;
    }
}
