package dev.larder.server.write;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineReader;
import dev.larder.onlinestore.OnlineStore;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A real store that goes away after some pushes. */
final class FailingStore implements OnlineStore {
    private final OnlineStore store;
    private int pushesLeft;

    FailingStore(OnlineStore store, int pushes) {
        this.store = store;
        this.pushesLeft = pushes;
    }

    void allow(int pushes) {
        pushesLeft = pushes;
    }

    @Override
    public long push(String featureView, List<String> features, List<OnlineWrite> rows, PushRule rule) {
        if (pushesLeft == 0) {
            throw new LarderException(ErrorCode.ONLINE_STORE_UNAVAILABLE, "The store has gone.");
        }
        pushesLeft--;
        return store.push(featureView, features, rows, rule);
    }

    @Override
    public void prepare(List<FeatureView> views) {
        store.prepare(views);
    }

    @Override
    public void makeRoom(FeatureView view) {
        store.makeRoom(view);
    }

    @Override
    public OnlineReader reader(List<List<ViewFeatures>> groups) {
        return store.reader(groups);
    }

    @Override
    public boolean isReadBlocking() {
        return store.isReadBlocking();
    }

    @Override
    public List<String> holders(List<FeatureView> featureViews, byte[] entityKey) {
        return store.holders(featureViews, entityKey);
    }

    @Override
    public List<String> delete(List<FeatureView> featureViews, byte[] entityKey) {
        return store.delete(featureViews, entityKey);
    }

    @Override
    public List<String> deleteEverywhere(List<FeatureView> featureViews, byte[] entityKey) {
        return store.deleteEverywhere(featureViews, entityKey);
    }

    @Override
    public boolean isBeingMaterialized(String featureView) {
        return store.isBeingMaterialized(featureView);
    }

    @Override
    public long put(String featureView, List<String> features, List<OnlineWrite> rows) {
        return store.put(featureView, features, rows);
    }

    @Override
    public long retract(String featureView, List<String> features, List<Retraction> retractions) {
        return store.retract(featureView, features, retractions);
    }

    @Override
    public Optional<MaterializationState> state(String featureView) {
        return store.state(featureView);
    }

    @Override
    public void saveState(String featureView, MaterializationState state) {
        store.saveState(featureView, state);
    }

    @Override
    public Stream<byte[]> keys(String featureView) {
        return store.keys(featureView);
    }

    @Override
    public void close() {
        store.close();
    }
}
