package dev.larder.server.write;

/** The definitions that rows are written by. */
public interface WriteRegistry {

    /** As they were seen last; the same object until they change. */
    WriteDefinitions current();

    /** As they are now, as far as the registry can be read. */
    WriteDefinitions fresh();
}
