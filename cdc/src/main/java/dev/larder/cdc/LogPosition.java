package dev.larder.cdc;

import java.util.Locale;

/** A place in PostgreSQL's write-ahead log; its text form, {@code 16/B374D848}, is the halves in hexadecimal. */
record LogPosition(long bytes) {
    private static final int HALF = 32;

    static LogPosition parse(String text) {
        int slash = text.indexOf('/');
        long high = Long.parseLong(text.substring(0, slash), 16);
        long low = Long.parseLong(text.substring(slash + 1), 16);
        return new LogPosition(high << HALF | low);
    }

    boolean reaches(LogPosition target) {
        return Long.compareUnsigned(bytes, target.bytes) >= 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%X/%X", bytes >>> HALF, bytes & 0xFFFF_FFFFL);
    }
}
