package dev.larder.onlinestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A connection may break within an answer; the client then asks again and hands the second answer to the same object. */
final class HashReadTest {
    private static final byte[] KEY = {1};

    @Test
    void aHalfReadListOfValuesIsForgotten() {
        HashRead command = HashRead.some(KEY, fields(), new HashReads(1));
        CommandOutput<byte[], byte[], StoredHash> output = command.getOutput();
        output.multi(2);
        output.set(bytes("old"));
        output.set(bytes("older"));

        output.multi(2);
        output.set(bytes("1"));
        output.set((ByteBuffer) null);

        assertThat(value(command.hash(), 0)).isEqualTo("1");
        assertThat(value(command.hash(), 1)).isNull();
    }

    @Test
    void aHalfReadHashIsForgotten() {
        HashRead command = HashRead.whole(KEY, fields(), new HashReads(1));
        CommandOutput<byte[], byte[], StoredHash> output = command.getOutput();
        output.multi(4);
        output.set(bytes("a"));
        output.set(bytes("old"));
        output.set(bytes("b"));

        output.multi(4);
        output.set(bytes("b"));
        output.set(bytes("2"));
        output.set(bytes("another"));
        output.set(bytes("not asked for"));

        assertThat(value(command.hash(), 0)).isNull();
        assertThat(value(command.hash(), 1)).isEqualTo("2");
        assertThat(command.hash().size()).isEqualTo(2);
    }

    @Test
    void valuesThatAreLongerThanUsualAndEmptyOnesAreKeptApart() {
        HashRead command = HashRead.some(KEY, fields(), new HashReads(1));
        CommandOutput<byte[], byte[], StoredHash> output = command.getOutput();
        output.multi(2);
        output.set(bytes("x".repeat(1000)));
        output.set(bytes(""));

        assertThat(value(command.hash(), 0)).hasSize(1000);
        assertThat(value(command.hash(), 1)).isEmpty();
    }

    private static @Nullable String value(StoredHash hash, int field) {
        int start = hash.start(field);
        return start < 0 ? null : new String(hash.bytes(), start, hash.length(field), StandardCharsets.UTF_8);
    }

    private static HashFields fields() {
        return new HashFields(List.of(RedisLayout.utf8("a"), RedisLayout.utf8("b")));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(RedisLayout.utf8(text));
    }
}
