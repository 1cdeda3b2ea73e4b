package dev.larder.onlinestore;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The commands of the store, whose arguments and answers stay bytes. */
final class RedisCommands {
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    private RedisCommands() {}

    /**
     * Fields that many hashes are asked for, encoded once.
     *
     * @param encoded how they stand in a command
     * @param slots where each field's value goes
     */
    record Fields(int count, byte[] encoded, Map<ByteBuffer, Integer> slots) {
        /** @param slots in the order in which they are asked for, counted from 0 */
        static Fields of(Map<ByteBuffer, Integer> slots) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (ByteBuffer name : slots.keySet()) {
                out.write('$');
                out.writeBytes(Integer.toString(name.remaining()).getBytes(StandardCharsets.US_ASCII));
                out.writeBytes(END_OF_LINE);
                out.writeBytes(copy(name.duplicate()));
                out.writeBytes(END_OF_LINE);
            }
            return new Fields(slots.size(), out.toByteArray(), slots);
        }
    }

    /** The values of some fields, in their order; null for a field that is not there. */
    static AsyncCommand<byte[], byte[], byte[] @Nullable []> hmget(byte[] key, Fields fields) {
        return new AsyncCommand<>(
                new Command<>(CommandType.HMGET, new ValuesOutput(fields.count()), new FieldArguments(key, fields)));
    }

    /** The same answer from a command that sends all fields: Redis looks each asked one up by walking a small hash. */
    static AsyncCommand<byte[], byte[], byte[] @Nullable []> hgetall(byte[] key, Fields fields) {
        return new AsyncCommand<>(new Command<>(
                CommandType.HGETALL, new PairsOutput(fields), arguments().addKey(key)));
    }

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

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    /** A key and fields that are encoded already: nothing is allocated per field. */
    private static final class FieldArguments extends CommandArgs<byte[], byte[]> {
        private final byte[] key;
        private final Fields fields;

        FieldArguments(byte[] key, Fields fields) {
            super(ByteArrayCodec.INSTANCE);
            this.key = key;
            this.fields = fields;
        }

        @Override
        public int count() {
            return 1 + fields.count();
        }

        @Override
        public ByteBuffer getFirstEncodedKey() {
            return ByteBuffer.wrap(key);
        }

        @Override
        public void encode(ByteBuf out) {
            out.writeByte('$');
            out.writeCharSequence(Integer.toString(key.length), StandardCharsets.US_ASCII);
            out.writeBytes(END_OF_LINE).writeBytes(key).writeBytes(END_OF_LINE).writeBytes(fields.encoded());
        }

        @Override
        public String toString() {
            return "FieldArguments[%d fields]".formatted(fields.count());
        }
    }

    private static final class ValuesOutput extends CommandOutput<byte[], byte[], byte[] @Nullable []> {
        private int next;

        ValuesOutput(int count) {
            super(ByteArrayCodec.INSTANCE, new byte[count][]);
        }

        @Override
        public void multi(int values) {
            // A command is sent again when the connection broke within its answer.
            next = 0;
        }

        @Override
        public void set(@Nullable ByteBuffer bytes) {
            output[next++] = bytes == null ? null : copy(bytes);
        }
    }

    private static final class PairsOutput extends CommandOutput<byte[], byte[], byte[] @Nullable []> {
        private static final int NOT_ASKED_FOR = -1;

        private final Fields fields;
        private boolean isValue;
        private int slot;
        private int count;

        PairsOutput(Fields fields) {
            super(ByteArrayCodec.INSTANCE, new byte[fields.count()][]);
            this.fields = fields;
        }

        @Override
        public void multi(int values) {
            // A command is sent again when the connection broke within its answer.
            isValue = false;
            count = 0;
            Arrays.fill(output, null);
        }

        @Override
        public void set(ByteBuffer bytes) {
            if (!isValue) {
                slot = fields.slots().getOrDefault(bytes, NOT_ASKED_FOR);
                count++;
            } else if (slot != NOT_ASKED_FOR) {
                output[slot] = copy(bytes);
            }
            isValue = !isValue;
        }

        int count() {
            return count;
        }
    }

    /** How many fields the hash has that {@link #hgetall} has read. */
    static int size(AsyncCommand<byte[], byte[], byte[] @Nullable []> hgetall) {
        return hgetall.getOutput() instanceof PairsOutput pairs ? pairs.count() : 0;
    }
}
