package dev.larder.onlinestore;

/** The right to be the only one who does something, until it is closed or lost. */
public interface Lease extends AutoCloseable {

    /** For those that work for the holder. */
    LeaseToken token();

    /**
     * Makes sure that it is still held.
     *
     * @throws dev.larder.model.LarderException {@code ONLINE_STORE_UNAVAILABLE} if it is lost
     */
    void requireHeld();

    /** Gives the right back, unless somebody else has it by now. */
    @Override
    void close();
}
