package dev.larder.server.online;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.Set;
import java.util.function.Supplier;

/** The definitions that requests are answered from; the same object until they change. */
@FunctionalInterface
public interface Definitions extends Supplier<ServedDefinitions> {
    /**
     * Waits until definitions that were applied before this call are in use, but not longer than a caller can be asked to
     * wait; then those known so far stay.
     */
    default void lookAgain() {}

    /**
     * Makes an attempt with the definitions in use and, where these do not know what it asks for, one more with those that the
     * registry holds by then: whoever asks right after applying is not told that nothing is there. May wait for the registry.
     */
    default <T> T attempt(Supplier<T> attempt) {
        try {
            return attempt.get();
        } catch (LarderException e) {
            if (!isUnknown(e)) {
                throw e;
            }
            lookAgain();
            return attempt.get();
        }
    }

    /** Whether a failure says that there is no such definition, or none at all. */
    static boolean isUnknown(LarderException e) {
        return Set.of(
                        ErrorCode.FEATURE_VIEW_NOT_FOUND,
                        ErrorCode.FEATURE_NOT_FOUND,
                        ErrorCode.FEATURE_SERVICE_NOT_FOUND,
                        ErrorCode.DATA_SOURCE_NOT_FOUND,
                        ErrorCode.STEP_MISSING)
                .contains(e.code());
    }
}
