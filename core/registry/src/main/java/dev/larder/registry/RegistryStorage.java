package dev.larder.registry;

import dev.larder.feast.proto.core.Registry;
import dev.larder.objectstorage.Location;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where a registry's bytes are kept. Readers see the old or the new content, never a part; no write is lost to another. */
interface RegistryStorage extends AutoCloseable {
    Location location();

    /** Null if there is nothing; of no bytes an empty registry, as in Feast. */
    @Nullable
    Registry read();

    /**
     * Replaces the content by what follows from it.
     *
     * @param work is given the present content, an empty registry where there is none; called again with a newer one if another
     *     writer came between
     */
    <T> T change(Function<Registry, Rewrite<T>> work);

    /** Equal as long as the content is the same, and cheaper than reading it; empty if there is nothing. */
    Optional<Object> stamp();

    @Override
    void close();

    /** @param next null: nothing is to be written */
    record Rewrite<T>(@Nullable Registry next, T result) {}

    static Registry orEmpty(@Nullable Registry registry) {
        return registry == null ? Registry.getDefaultInstance() : registry;
    }
}
