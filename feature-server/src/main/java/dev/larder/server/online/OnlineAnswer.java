package dev.larder.server.online;

import dev.larder.feast.JsonBuffer;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.ViewRows;
import java.util.List;

/** What was read for one request, ready to be written in any form. */
public final class OnlineAnswer {
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

    /** How many values it holds: rows times features. */
    public long values() {
        return (long) rows.count() * read.plan().names().size();
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
    byte[] message(boolean joinKeys) {
        return AnswerMessage.of(read.plan(), rows, stored, rule, joinKeys, viewMetadata);
    }
}
