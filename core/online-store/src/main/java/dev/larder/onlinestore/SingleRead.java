package dev.larder.onlinestore;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore.ViewFeatures;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;

/** One read of any views of any entities: views of equal keys become a group. */
final class SingleRead {
    private final List<List<ViewFeatures>> groups = new ArrayList<>();
    private final List<List<byte[]>> keys = new ArrayList<>();
    /** For each read the group that it went to. */
    private final List<Integer> groupOfRead = new ArrayList<>();

    private SingleRead() {}

    static SingleRead of(List<ViewRead> reads) {
        SingleRead single = new SingleRead();
        for (ViewRead read : reads) {
            int group = single.groupOf(read.keys());
            single.groups.get(group).add(new ViewFeatures(read.featureView(), read.features()));
            single.groupOfRead.add(group);
        }
        return single;
    }

    List<ViewRows> run(OnlineStore store) {
        List<ViewRows> answers = await(store);
        int[] next = new int[groups.size()];
        for (int group = 1; group < next.length; group++) {
            next[group] = next[group - 1] + groups.get(group - 1).size();
        }
        return groupOfRead.stream().map(group -> answers.get(next[group]++)).toList();
    }

    private List<ViewRows> await(OnlineStore store) {
        try {
            return store.reader(groups).read(keys).toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LarderException(
                    ErrorCode.ONLINE_STORE_UNAVAILABLE,
                    "The online store was not waited for any longer: this thread was told to stop.",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LarderException failure) {
                throw new LarderException(failure.code(), String.valueOf(failure.getMessage()), failure);
            }
            throw new IllegalStateException("A read of the online store failed", e);
        }
    }

    private int groupOf(List<byte[]> wanted) {
        for (int group = 0; group < keys.size(); group++) {
            if (isSame(keys.get(group), wanted)) {
                return group;
            }
        }
        keys.add(wanted);
        groups.add(new ArrayList<>());
        return keys.size() - 1;
    }

    private static boolean isSame(List<byte[]> some, List<byte[]> others) {
        if (some == others) {
            return true;
        }
        if (some.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < some.size(); i++) {
            if (!Arrays.equals(some.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }
}
