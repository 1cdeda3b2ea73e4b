package dev.larder.servers;

/** Asked by work that takes a while, whether somebody has called for the stack's end meanwhile. */
interface Cancellation {

    /** @throws dev.larder.model.LarderException {@code PROCESS_FAILED} if so */
    void check();
}
