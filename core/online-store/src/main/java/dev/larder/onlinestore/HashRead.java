package dev.larder.onlinestore;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A command that reads fields of one hash: HMGET, or HGETALL for a command that Redis answers without looking up each field.
 * It tells its batch when it has its answer or its failure.
 */
final class HashRead extends Command<byte[], byte[], StoredHash> {
    private static final byte[] END_OF_LINE = {'\r', '\n'};

    private final HashReads batch;
    private final AtomicBoolean ended = new AtomicBoolean();

    private HashRead(CommandType type, HashReads batch, HashOutput output, CommandArgs<byte[], byte[]> arguments) {
        super(type, output, arguments);
        this.batch = batch;
    }

    static HashRead some(byte[] key, HashFields fields, HashReads batch) {
        return new HashRead(CommandType.HMGET, batch, new ValuesOutput(fields), new FieldArguments(key, fields));
    }

    static HashRead whole(byte[] key, HashFields fields, HashReads batch) {
        CommandArgs<byte[], byte[]> arguments = new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key);
        return new HashRead(CommandType.HGETALL, batch, new PairsOutput(fields), arguments);
    }

    StoredHash hash() {
        return getOutput().get();
    }

    @Override
    public void complete() {
        super.complete();
        end(null);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        boolean isFirst = super.completeExceptionally(failure);
        end(failure);
        return isFirst;
    }

    @Override
    public void cancel() {
        super.cancel();
        end(null);
    }

    private void end(@Nullable Throwable failure) {
        if (ended.compareAndSet(false, true)) {
            batch.ended(failure);
        }
    }

    /** A key and fields that are encoded already: nothing is allocated per field. */
    private static final class FieldArguments extends CommandArgs<byte[], byte[]> {
        private final byte[] key;
        private final HashFields fields;

        FieldArguments(byte[] key, HashFields fields) {
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

    private abstract static class HashOutput extends CommandOutput<byte[], byte[], StoredHash> {
        HashOutput(HashFields fields) {
            super(ByteArrayCodec.INSTANCE, new StoredHash(fields.count()));
        }
    }

    static final class ValuesOutput extends HashOutput {
        private int next;

        ValuesOutput(HashFields fields) {
            super(fields);
        }

        @Override
        public void multi(int values) {
            // A command is sent again when the connection broke within its answer.
            next = 0;
            output.clear();
        }

        @Override
        public void set(@Nullable ByteBuffer bytes) {
            if (bytes != null) {
                output.add(next, bytes);
            }
            next++;
        }
    }

    static final class PairsOutput extends HashOutput {
        private final HashFields fields;
        private boolean isValue;
        private int field;

        PairsOutput(HashFields fields) {
            super(fields);
            this.fields = fields;
        }

        @Override
        public void multi(int values) {
            // A command is sent again when the connection broke within its answer.
            isValue = false;
            output.clear();
        }

        @Override
        public void set(ByteBuffer bytes) {
            if (!isValue) {
                byte[] name = new byte[bytes.remaining()];
                bytes.get(name);
                field = fields.slot(name, 0, name.length);
                output.countField();
            } else if (field >= 0) {
                output.add(field, bytes);
            }
            isValue = !isValue;
        }
    }
}
