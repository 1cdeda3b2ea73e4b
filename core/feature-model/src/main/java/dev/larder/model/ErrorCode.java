package dev.larder.model;

/** Stable names for failures: shown to people, counted in metrics, explained in docs/errors.md. */
public enum ErrorCode {
    /** A definition file or feature_store.yaml holds a mistake. */
    DEFINITION_INVALID(Kind.CALLER),
    /** A command's argument, or a request's field, cannot be used as given. */
    ARGUMENT_INVALID(Kind.CALLER),
    FEATURE_VIEW_NOT_FOUND(Kind.CALLER),
    FEATURE_NOT_FOUND(Kind.CALLER),
    FEATURE_SERVICE_NOT_FOUND(Kind.CALLER),
    DATA_SOURCE_NOT_FOUND(Kind.CALLER),
    /** Two requested features would have the same name in the answer. */
    FEATURE_NAME_COLLISION(Kind.CALLER),
    /** A value does not have the declared type. */
    VALUE_TYPE_MISMATCH(Kind.CALLER),
    /** A step was asked for before the step that it builds on. */
    STEP_MISSING(Kind.CALLER),
    /** Trino refuses a statement: its syntax, a name, a type, a right, or a value that it met. */
    QUERY_INVALID(Kind.CALLER),
    PORT_TAKEN(Kind.CALLER),
    /** A file or folder cannot be read or written. */
    PATH_UNUSABLE(Kind.CALLER),
    /** registry.db cannot be read, or changed under the writer. */
    REGISTRY_UNAVAILABLE(Kind.EXTERNAL),
    ONLINE_STORE_UNAVAILABLE(Kind.EXTERNAL),
    /** Stored bytes are not what the declared layout says. */
    ONLINE_STORE_CORRUPT(Kind.INTERNAL),
    /** The lake's catalog or files cannot be read or written. */
    LAKE_UNAVAILABLE(Kind.EXTERNAL),
    /** PostgreSQL, Kafka or Kafka Connect does not answer. */
    SOURCE_UNAVAILABLE(Kind.EXTERNAL),
    /** Kafka Connect runs, but a connector or its task has failed. */
    CONNECTOR_FAILED(Kind.EXTERNAL),
    /** The change log has not reached the source's position within the time given. */
    SOURCE_NOT_CAUGHT_UP(Kind.EXTERNAL),
    /** Trino does not answer, or not as Trino does. */
    TRINO_UNAVAILABLE(Kind.EXTERNAL),
    /** Trino accepted a statement and could not finish it. */
    QUERY_FAILED(Kind.EXTERNAL),
    QUERY_TIMEOUT(Kind.EXTERNAL),
    /** Somebody stopped a statement that ran. */
    QUERY_CANCELLED(Kind.EXTERNAL),
    /** A process of ours ended or did not become ready. */
    PROCESS_FAILED(Kind.EXTERNAL),
    INTERNAL(Kind.INTERNAL);

    private final Kind kind;

    ErrorCode(Kind kind) {
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Who has to act. */
    public enum Kind {
        CALLER,
        EXTERNAL,
        INTERNAL
    }
}
