package dev.larder.servers;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How one part of a stack is prepared, started, asked and ended. */
interface StackPart {

    Part part();

    /** Where it answers. */
    int port();

    /** Makes its files; called with nothing of this part running. */
    void prepare(Cancellation cancellation);

    List<String> command();

    /** Variables of its process beside those of ours. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /** What it must be started anew for when that changes: where the parts are that it uses. */
    default List<String> dependsOn() {
        return List.of();
    }

    /** The programs that the command runs, as the operating system names them; the last one stays. */
    List<String> programs();

    /** Whether it does its work, not only whether it runs. */
    boolean isReady(long pid);

    /** What remains to be done before others may use it; done again at each start. */
    default void onceReady() {}

    Duration timeToStart();
}
