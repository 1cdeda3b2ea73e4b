package dev.larder.server.online;

import dev.larder.onlinestore.OnlineReader;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.ViewFeatures;
import dev.larder.onlinestore.ViewRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A plan with what reads it from the store, worked out once: views with the same key columns are read together. */
final class CompiledRead {
    private static final int FIRST_ANSWER_BYTES = 4_096;

    private final ReadPlan plan;
    private final List<KeyColumns> groups = new ArrayList<>();
    /** For each view of the plan where its rows come in the store's answer. */
    private final int[] places;

    private final OnlineReader reader;
    private volatile int answerBytes = FIRST_ANSWER_BYTES;

    CompiledRead(ReadPlan plan, OnlineStore store) {
        this.plan = plan;
        List<List<ViewFeatures>> views = new ArrayList<>();
        for (ReadPlan.View view : plan.views()) {
            if (!groups.contains(view.keys())) {
                groups.add(view.keys());
                views.add(new ArrayList<>());
            }
            views.get(groups.indexOf(view.keys())).add(new ViewFeatures(view.name(), view.features()));
        }
        places = places(plan, groups);
        reader = store.reader(views);
    }

    private static int[] places(ReadPlan plan, List<KeyColumns> groups) {
        int[] places = new int[plan.views().size()];
        int next = 0;
        for (KeyColumns group : groups) {
            for (int view = 0; view < places.length; view++) {
                if (plan.views().get(view).keys().equals(group)) {
                    places[view] = next++;
                }
            }
        }
        return places;
    }

    ReadPlan plan() {
        return plan;
    }

    OnlineReader reader() {
        return reader;
    }

    /** The key columns of each group of the reader. */
    List<KeyColumns> groups() {
        return groups;
    }

    /** What the reader has read, in the order of the plan's views. */
    List<ViewRows> inOrder(List<ViewRows> read) {
        return Arrays.stream(places).mapToObj(read::get).toList();
    }

    /** How much room an answer probably needs, as the greatest one so far did. */
    int answerBytes() {
        return answerBytes;
    }

    void answered(int bytes) {
        if (bytes > answerBytes) {
            answerBytes = bytes;
        }
    }
}
