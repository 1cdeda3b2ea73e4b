package dev.larder.registry;

import java.util.List;

/**
 * One object that an apply touches.
 *
 * @param type what it is, for example {@code feature view}
 * @param fields names of Feast's fields that differ, for an update
 */
public record Change(Action action, String type, String name, List<String> fields) {

    public enum Action {
        CREATED("+"),
        UPDATED("~"),
        DELETED("-");

        private final String sign;

        Action(String sign) {
            this.sign = sign;
        }
    }

    public Change {
        fields = List.copyOf(fields);
    }

    static Change created(String type, String name) {
        return new Change(Action.CREATED, type, name, List.of());
    }

    static Change deleted(String type, String name) {
        return new Change(Action.DELETED, type, name, List.of());
    }

    /** One line for people: {@code ~ feature view transactions_last_week (features, tags)}. */
    @Override
    public String toString() {
        return action.sign + " " + type + " " + name + (fields.isEmpty() ? "" : " (" + String.join(", ", fields) + ")");
    }
}
