package dev.larder.server.online;

import dev.larder.feast.JsonBuffer;
import dev.larder.onlinestore.ViewRows;
import dev.larder.registry.config.LarderConfig.Mode;
import java.util.List;

/** What was read for one request, ready to be written in any form. */
public final class OnlineAnswer {
    private final CompiledRead read;
    private final EntityRows rows;
    private final List<ViewRows> stored;
    private final boolean viewMetadata;
    private final Mode mode;
    private final long nowSeconds;

    OnlineAnswer(
            CompiledRead read,
            EntityRows rows,
            List<ViewRows> stored,
            boolean viewMetadata,
            Mode mode,
            long nowSeconds) {
        this.read = read;
        this.rows = rows;
        this.stored = stored;
        this.viewMetadata = viewMetadata;
        this.mode = mode;
        this.nowSeconds = nowSeconds;
    }

    /** How many values it holds: rows times features. */
    public long values() {
        return (long) rows.count() * read.plan().names().size();
    }

    /** The body of Feast's HTTP answer. */
    public JsonBuffer json() {
        JsonBuffer json = new JsonBuffer(read.answerBytes());
        new AnswerWriter(json, mode, nowSeconds).write(read.plan(), rows, stored, viewMetadata);
        read.answered(json.length());
        return json;
    }
}
