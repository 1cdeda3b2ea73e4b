package dev.larder.servers;

import java.time.Duration;
import java.util.List;

/** How one part of a stack is prepared, started, asked and ended. */
interface StackPart {

    Part part();

    /** Where it answers. */
    int port();

    /** Makes its files; called with nothing of this part running. */
    void prepare(Cancellation cancellation);

    List<String> command();

    /** The programs that the command runs, as the operating system names them; the last one stays. */
    List<String> programs();

    /** Whether it does its work, not only whether it runs. */
    boolean isReady(long pid);

    Duration timeToStart();
}
