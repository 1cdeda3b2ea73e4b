package dev.larder.server.write;

import dev.larder.feast.InputValues;
import dev.larder.onlinestore.OnlineStore.PushRule;
import dev.larder.registry.config.LarderConfig.Mode;
import dev.larder.registry.config.OnlineStoreConfig;

/**
 * Which of two rows of an entity stays, and how cells are read.
 *
 * @param created whether a row's {@code created} is its version; otherwise none has one
 * @param received whether the time at which it came is the version of a row without {@code created}
 */
public record WriteRules(PushRule rule, boolean created, boolean received, InputValues input) {

    /** In mode {@code feast} the rules of Feast's own store of that kind, down to the bytes that it leaves. */
    public static WriteRules of(Mode mode, OnlineStoreConfig store) {
        if (mode == Mode.STRICT) {
            return new WriteRules(PushRule.LATEST, true, true, InputValues.strict());
        }
        return store instanceof OnlineStoreConfig.Redis redis
                ? new WriteRules(
                        redis.skipDedup() ? PushRule.ALWAYS : PushRule.LATER, false, false, InputValues.likeFeast())
                : new WriteRules(PushRule.ALWAYS, true, false, InputValues.likeFeast());
    }
}
