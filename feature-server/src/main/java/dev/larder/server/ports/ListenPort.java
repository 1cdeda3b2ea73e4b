package dev.larder.server.ports;

import java.io.IOException;

/**
 * A port to listen on.
 *
 * @param number 0: any free one
 * @param orAnyFree whether any free one will do where this one cannot be had
 */
public record ListenPort(int number, boolean orAnyFree) {
    /** How something comes to listen. */
    @FunctionalInterface
    public interface Opening<T> {
        /**
         * @param number 0: any free one
         * @throws IOException if the port cannot be had; nothing must be left open then
         */
        T on(int number) throws IOException;
    }

    /** One that somebody asked for, and counts on. */
    public static ListenPort exactly(int number) {
        return new ListenPort(number, false);
    }

    /** The usual one, which nobody asked for: two servers on one machine must not keep each other from starting. */
    public static ListenPort preferably(int number) {
        return new ListenPort(number, true);
    }

    /**
     * Trying is the only sure way to learn whether a port is free: another process may take it after any other check.
     *
     * @throws IOException of the first attempt, if no port can be had
     */
    public <T> T open(Opening<T> opening) throws IOException {
        try {
            return opening.on(number);
        } catch (IOException e) {
            if (!orAnyFree) {
                throw e;
            }
            try {
                return opening.on(0);
            } catch (IOException again) {
                e.addSuppressed(again);
                throw e;
            }
        }
    }

    /**
     * Whether the one that was opened is another than the one preferred.
     *
     * @param opened negative if it was closed again
     */
    public boolean movedTo(int opened) {
        return number != 0 && opened > 0 && opened != number;
    }
}
