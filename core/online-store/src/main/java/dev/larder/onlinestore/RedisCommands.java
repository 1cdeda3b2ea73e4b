package dev.larder.onlinestore;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.List;

/** The commands of the store, whose arguments and answers stay bytes. */
final class RedisCommands {
    private RedisCommands() {}

    static AsyncCommand<byte[], byte[], byte[]> hget(byte[] key, byte[] field) {
        return new AsyncCommand<>(new Command<>(
                CommandType.HGET,
                new ValueOutput<>(ByteArrayCodec.INSTANCE),
                arguments().addKey(key).add(field)));
    }

    /** A script of one key that answers with a number. */
    static AsyncCommand<byte[], byte[], Long> eval(byte[] script, byte[] key, List<byte[]> arguments) {
        return script(CommandType.EVAL, script, key, arguments);
    }

    /** A script of one key that answers with a number, and that the server knows already. */
    static AsyncCommand<byte[], byte[], Long> evalsha(byte[] digest, byte[] key, List<byte[]> arguments) {
        return script(CommandType.EVALSHA, digest, key, arguments);
    }

    private static AsyncCommand<byte[], byte[], Long> script(
            CommandType how, byte[] script, byte[] key, List<byte[]> arguments) {
        CommandArgs<byte[], byte[]> all = arguments().add(script).add(1).addKey(key);
        arguments.forEach(all::add);
        return new AsyncCommand<>(new Command<>(how, new IntegerOutput<>(ByteArrayCodec.INSTANCE), all));
    }

    private static CommandArgs<byte[], byte[]> arguments() {
        return new CommandArgs<>(ByteArrayCodec.INSTANCE);
    }
}
