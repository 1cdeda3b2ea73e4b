package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.onlinestore.RedisCommands.Fields;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.AsyncCommand;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A connection may break within an answer; the client then asks again and hands the second answer to the same object. */
final class RedisCommandsTest {
    private static final byte[] KEY = {1};

    @Test
    void aHalfReadListOfValuesIsForgotten() {
        AsyncCommand<byte[], byte[], byte[] @Nullable []> command = RedisCommands.hmget(KEY, fields());
        CommandOutput<byte[], byte[], byte[] @Nullable []> output = command.getOutput();
        output.multi(2);
        output.set(bytes("old"));

        output.multi(2);
        output.set(bytes("1"));
        output.set((ByteBuffer) null);

        assertThat(output.get()).isDeepEqualTo(new byte[] @Nullable [] {RedisLayout.utf8("1"), null});
    }

    @Test
    void aHalfReadHashIsForgotten() {
        AsyncCommand<byte[], byte[], byte[] @Nullable []> command = RedisCommands.hgetall(KEY, fields());
        CommandOutput<byte[], byte[], byte[] @Nullable []> output = command.getOutput();
        output.multi(4);
        output.set(bytes("a"));
        output.set(bytes("old"));
        output.set(bytes("b"));

        output.multi(2);
        output.set(bytes("b"));
        output.set(bytes("2"));

        assertThat(output.get()).isDeepEqualTo(new byte[] @Nullable [] {null, RedisLayout.utf8("2")});
        assertThat(RedisCommands.size(command)).isEqualTo(1);
    }

    private static Fields fields() {
        Map<ByteBuffer, Integer> slots = new LinkedHashMap<>();
        slots.put(bytes("a"), 0);
        slots.put(bytes("b"), 1);
        return Fields.of(slots);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(RedisLayout.utf8(text));
    }
}
