package dev.larder.registry.yaml;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Gathers mistakes, so that a reader gets them all in one go. */
public final class Problems {
    private final Set<Problem> found = new LinkedHashSet<>();

    public void add(Problem problem) {
        found.add(problem);
    }

    public int count() {
        return found.size();
    }

    public List<Problem> sorted() {
        List<Problem> sorted = new ArrayList<>(found);
        sorted.sort(null);
        return List.copyOf(sorted);
    }

    /**
     * @param where what was read, for the first line of the message
     * @throws LarderException {@code DEFINITION_INVALID} with one line per mistake, if there is any
     */
    public void throwIfAny(String where) {
        if (!found.isEmpty()) {
            throw failure(where);
        }
    }

    /** The exception of {@link #throwIfAny}, for at least one mistake. */
    public LarderException failure(String where) {
        return new LarderException(
                ErrorCode.DEFINITION_INVALID,
                "%d %s in %s:\n%s"
                        .formatted(
                                found.size(),
                                found.size() == 1 ? "mistake" : "mistakes",
                                where,
                                sorted().stream().map(Problem::toString).collect(Collectors.joining("\n"))));
    }
}
