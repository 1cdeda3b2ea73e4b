package dev.larder.onlinestore;

import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.onlinestore.RedisSettings.Topology;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.protocol.AsyncCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The online store in Feast's Redis layout: one hash per entity for all views that have its join keys, read and written by
 * Feast beside us. Rows keep their microseconds there; their version travels in the time field, where Feast's readers skip it,
 * and a row that Feast has written has version 0.
 *
 * <p>What is materialized is remembered in the same Redis ({@code larder:{project}:state}), so whoever empties it makes the
 * next materialization fill it again. Redis must not evict keys on its own ({@code maxmemory-policy noeviction}): a row that
 * has gone alone is not noticed.
 *
 * <p>Opening does not connect. A server that is away is tried again at each call. A store that is opened under a lease takes
 * writes only while that is held, see {@link RedisFence}; other stores do whenever they are asked to.
 */
public final class RedisOnlineStore implements OnlineStore {
    /** How many keys Redis looks at before it serves others: for some 0.2 ms, where it is slow. */
    private static final int SCAN_STEP = 250;

    private static final String LEASE = "lease:";
    private static final String MATERIALIZE = "materialize:";

    private final RedisSettings settings;
    private final RedisConnection connection;
    private final @Nullable RedisLinks links;
    private final RedisLayout layout;
    private final RedisReader reader;
    private final RedisWriter writer;
    private final RedisState state;

    private RedisOnlineStore(RedisSettings settings, String project, @Nullable RedisFence fence) {
        RedisFailures failures = new RedisFailures(settings);
        this.settings = settings;
        connection = new RedisConnection(settings, failures);
        layout = new RedisLayout(project);
        links = settings.topology() == Topology.REDIS ? new RedisLinks(settings, failures) : null;
        reader = new RedisReader(links == null ? new LettuceHashes(connection) : links, layout, failures);
        writer = new RedisWriter(connection, layout, fence, settings.keyTtlSeconds());
        state = new RedisState(connection, layout, failures, fence, settings.topology());
    }

    /** @param project name of the Feast project, the end of every key */
    public static RedisOnlineStore open(RedisSettings settings, String project) {
        return new RedisOnlineStore(settings, project, null);
    }

    /**
     * @param lease of the same project; as soon as it is lost, writing and saving a state fail with {@code
     *     ONLINE_STORE_UNAVAILABLE}
     */
    public static RedisOnlineStore open(RedisSettings settings, String project, LeaseToken lease) {
        return new RedisOnlineStore(settings, project, new RedisFence(lease));
    }

    /**
     * Remembers the views and their features, which takes one round trip when nothing has changed. Redis needs no room made.
     *
     * <p>Only a view that was prepared once and is no longer named makes it walk over the keys, as Feast does when such a view
     * is applied away: in steps, so that nobody waits, and for this project's rows alone. With {@code full_scan_for_deletion:
     * false} it never does; then the rows stay, unseen by anyone, and should the view come back, its next materialization
     * compares all of them. A feature that a view no longer has keeps its values until then, as in Feast.
     */
    @Override
    public void prepare(List<FeatureView> views) {
        Map<String, Set<String>> known = state.views();
        views.forEach(view -> remember(view, known));
        Set<String> named = views.stream().map(FeatureView::name).collect(Collectors.toSet());
        known.forEach((view, features) -> {
            if (!named.contains(view)) {
                drop(view, features);
            }
        });
    }

    /** Only remembers it: a view that is never materialized can lose its rows, too, when it is applied away. */
    @Override
    public void makeRoom(FeatureView view) {
        remember(view, state.views());
    }

    private void remember(FeatureView view, Map<String, Set<String>> known) {
        Set<String> before = known.getOrDefault(view.name(), Set.of());
        Set<String> features = new LinkedHashSet<>(before);
        view.features().stream().map(Field::name).forEach(features::add);
        if (!features.equals(before)) {
            state.saveView(view.name(), features);
        }
    }

    private void drop(String view, Set<String> features) {
        state.forgetState(view);
        if (settings.scanForDeletion()) {
            hashes(view).forEach(hashes -> writer.remove(view, List.copyOf(features), hashes));
        }
        state.forgetView(view);
    }

    @Override
    public boolean isReadBlocking() {
        return false;
    }

    @Override
    public OnlineReader reader(List<List<ViewFeatures>> groups) {
        return reader.reader(groups);
    }

    @Override
    public long put(String featureView, List<String> features, List<OnlineWrite> rows) {
        return writer.put(featureView, features, rows);
    }

    @Override
    public long push(String featureView, List<String> features, List<OnlineWrite> rows, PushRule rule) {
        return writer.push(featureView, features, rows, rule);
    }

    @Override
    public long retract(String featureView, List<String> features, List<Retraction> retractions) {
        return writer.retract(featureView, features, retractions);
    }

    @Override
    public List<String> delete(List<FeatureView> featureViews, byte[] entityKey) {
        Map<String, Set<String>> known = state.views();
        List<byte[]> hash = List.of(layout.key(entityKey));
        List<String> held = new ArrayList<>();
        for (FeatureView view : featureViews) {
            Set<String> features = new LinkedHashSet<>(known.getOrDefault(view.name(), Set.of()));
            view.features().stream().map(Field::name).forEach(features::add);
            if (writer.remove(view.name(), List.copyOf(features), hash) > 0) {
                held.add(view.name());
            }
        }
        return held;
    }

    /** The whole hash goes, with what lies there for views that Feast or an older definition had. */
    @Override
    public List<String> deleteEverywhere(List<FeatureView> featureViews, byte[] entityKey) {
        List<String> held = holders(featureViews, entityKey);
        connection.ask(commands -> commands.del(layout.key(entityKey)));
        return held;
    }

    @Override
    public List<String> holders(List<FeatureView> featureViews, byte[] entityKey) {
        byte[] hash = layout.key(entityKey);
        List<AsyncCommand<byte[], byte[], byte[]>> times = featureViews.stream()
                .map(view -> RedisCommands.hget(hash, layout.timeField(view.name())))
                .toList();
        if (!times.isEmpty()) {
            connection.run(times);
        }
        List<String> held = new ArrayList<>();
        for (int i = 0; i < times.size(); i++) {
            if (connection.answer(times.get(i)) != null) {
                held.add(featureViews.get(i).name());
            }
        }
        return held;
    }

    @Override
    public boolean isBeingMaterialized(String featureView) {
        byte[] lease = RedisLayout.utf8(layout.own(LEASE + MATERIALIZE + featureView));
        byte @Nullable [] holder = connection.ask(commands -> commands.get(lease));
        return holder != null;
    }

    /** The right to materialize a view, as {@link #lease} gives it. */
    public Optional<Lease> materializeLease(String featureView, Duration life) {
        return lease(MATERIALIZE + featureView, life);
    }

    @Override
    public Optional<MaterializationState> state(String featureView) {
        return state.state(featureView);
    }

    @Override
    public void saveState(String featureView, MaterializationState newState) {
        state.saveState(featureView, newState);
    }

    /** Walks over all keys of the server, in steps; a key may come twice. */
    @Override
    public Stream<byte[]> keys(String featureView) {
        return hashes(featureView).flatMap(List::stream).map(layout::entityKey);
    }

    /**
     * Takes the right to do something alone, among all processes that use this Redis for this project.
     *
     * @param name what is to be done
     * @param life after how long the right goes to somebody else if this process dies; it is renewed while it lives
     * @return empty if somebody has it
     */
    public Optional<Lease> lease(String name, Duration life) {
        return RedisLease.take(connection, name, layout.own(LEASE + name), life);
    }

    @Override
    public void close() {
        if (links != null) {
            links.close();
        }
        connection.close();
    }

    /** The hashes that hold a row of the view, some at a time. */
    private Stream<List<byte[]>> hashes(String view) {
        Iterable<List<byte[]>> steps = () -> new Steps(layout.timeField(view));
        return StreamSupport.stream(steps.spliterator(), false);
    }

    private final class Steps implements Iterator<List<byte[]>> {
        private final byte[] timeField;
        private final ScanArgs step = ScanArgs.Builder.limit(SCAN_STEP).match(layout.pattern());
        private ScanCursor cursor = ScanCursor.INITIAL;

        Steps(byte[] timeField) {
            this.timeField = timeField;
        }

        @Override
        public boolean hasNext() {
            return !cursor.isFinished();
        }

        @Override
        public List<byte[]> next() {
            if (cursor.isFinished()) {
                throw new NoSuchElementException("all keys have been looked at");
            }
            KeyScanCursor<byte[]> found = connection.ask(commands -> commands.scan(cursor, step));
            cursor = found;
            List<byte[]> candidates = found.getKeys().stream()
                    .filter(key -> layout.entityKey(key) != null)
                    .toList();
            List<AsyncCommand<byte[], byte[], byte[]>> times = candidates.stream()
                    .map(key -> RedisCommands.hget(key, timeField))
                    .toList();
            if (!times.isEmpty()) {
                connection.run(times);
            }
            List<byte[]> hashes = new ArrayList<>();
            for (int i = 0; i < candidates.size(); i++) {
                if (connection.answer(times.get(i)) != null) {
                    hashes.add(candidates.get(i));
                }
            }
            return hashes;
        }
    }
}
