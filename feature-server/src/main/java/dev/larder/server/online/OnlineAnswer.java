package dev.larder.server.online;

import dev.larder.feast.JsonBuffer;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.ViewRows;
import java.util.List;

/** What was read for one request, ready to be written in any form. */
public final class OnlineAnswer {
    private static final int VALUES_WRITTEN_AT_ONCE = 1_000;

    private final CompiledRead read;
    private final EntityRows rows;
    private final List<ViewRows> stored;
    private final boolean viewMetadata;
    private final StatusRule rule;

    OnlineAnswer(CompiledRead read, EntityRows rows, List<ViewRows> stored, boolean viewMetadata, StatusRule rule) {
        this.read = read;
        this.rows = rows;
        this.stored = stored;
        this.viewMetadata = viewMetadata;
        this.rule = rule;
    }

    /** Whether writing it would keep a thread that reads for others, too, from them for too long. */
    public boolean isLarge() {
        return (long) rows.count() * read.plan().names().size() > VALUES_WRITTEN_AT_ONCE;
    }

    /** The body of Feast's HTTP answer. */
    public JsonBuffer json() {
        JsonBuffer json = new JsonBuffer(read.answerBytes());
        new AnswerWriter(json, rule).write(read.plan(), rows, stored, viewMetadata);
        read.answered(json.length());
        return json;
    }

    /**
     * The bytes of a {@code feast.serving.GetOnlineFeaturesResponse}.
     *
     * @param joinKeys whether it holds the join keys' columns, in front
     * @throws LarderException {@code ARGUMENT_INVALID} for an answer that no message can hold
     */
    public byte[] message(boolean joinKeys) {
        return AnswerMessage.of(read.plan(), rows, stored, rule, joinKeys, viewMetadata);
    }
}
