package dev.larder.onlinestore;

import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.SqliteReader.ViewColumns;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The online store in Feast's SQLite layout: one table {@code <project>_<view>} per view with one row per entity and feature,
 * so that Feast reads and writes the same file. Times are whole seconds UTC there; the microseconds and the version of the
 * rows written here lie in a table of ours, valid while its seconds are those of Feast's row.
 *
 * <p>While the file is used it is in WAL mode: readers never wait for a writer, not even for a transaction of many rows.
 * Whoever closes last folds the log into the file and returns it to Feast's mode ({@code delete}), so that one plain file
 * is handed over; a process that dies leaves a log that the next opener, Feast too, recovers. Nothing is memory-mapped: a
 * file that someone truncates in place would kill the process.
 *
 * <p>The file may appear, be replaced or vanish while this object lives; each call looks. Reads never create it.
 */
public final class SqliteOnlineStore implements OnlineStore {
    /** For batches, which can wait. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final SqliteLayout layout;
    private final SqliteReaders readers;
    private final SqliteWriter writer;

    private SqliteOnlineStore(Path file, String project, Duration patience) {
        layout = new SqliteLayout(file.toAbsolutePath().normalize(), project);
        readers = new SqliteReaders(layout);
        writer = new SqliteWriter(layout, patience);
    }

    /**
     * @param file {@code online_store.path} of feature_store.yaml; it need not exist yet
     * @param project name of the Feast project, part of every table's name
     */
    public static SqliteOnlineStore open(Path file, String project) {
        return open(file, project, PATIENCE);
    }

    /** @param patience how long a write waits for another one's transaction, before it fails */
    public static SqliteOnlineStore open(Path file, String project, Duration patience) {
        return new SqliteOnlineStore(file, project, patience);
    }

    /** Drops only tables that an earlier call made or adopted: another project's name may begin with this one's. */
    @Override
    public void prepare(List<FeatureView> views) {
        guarded(null, () -> {
            writer.prepare(views.stream().map(FeatureView::name).toList());
            return true;
        });
    }

    @Override
    public void makeRoom(FeatureView view) {
        guarded(view.name(), () -> {
            writer.makeRoom(view.name());
            return true;
        });
    }

    /** Reads on the thread that asks. */
    @Override
    public OnlineReader reader(List<List<ViewFeatures>> groups) {
        List<List<ViewColumns>> columns = groups.stream()
                .map(views -> views.stream().map(ViewColumns::new).toList())
                .toList();
        return keys -> {
            try {
                return CompletableFuture.completedFuture(read(columns, keys));
            } catch (LarderException e) {
                return CompletableFuture.failedFuture(e);
            }
        };
    }

    /** SQLite is a library: there is nobody else to read. */
    @Override
    public boolean isReadBlocking() {
        return true;
    }

    private List<ViewRows> read(List<List<ViewColumns>> groups, List<List<byte[]>> keys) {
        List<ViewRows> answers = new ArrayList<>();
        try (SqliteReaders.Lease lease = readers.borrow()) {
            for (int group = 0; group < groups.size(); group++) {
                List<byte[]> entities = keys.get(group);
                for (ViewColumns view : groups.get(group)) {
                    answers.add(guarded(view.name(), () -> lease.run(reader -> reader.read(view, entities))));
                }
            }
        }
        return answers;
    }

    @Override
    public long put(String featureView, List<String> features, List<OnlineWrite> rows) {
        return guarded(featureView, () -> writer.put(featureView, features, rows));
    }

    @Override
    public long push(String featureView, List<String> features, List<OnlineWrite> rows, PushRule rule) {
        return guarded(featureView, () -> writer.push(featureView, features, rows, rule));
    }

    @Override
    public long retract(String featureView, List<String> features, List<Retraction> retractions) {
        return guarded(featureView, () -> writer.retract(featureView, features, retractions));
    }

    @Override
    public List<String> holders(List<FeatureView> featureViews, byte[] entityKey) {
        List<String> held = new ArrayList<>();
        for (FeatureView view : featureViews) {
            if (holds(view.name(), entityKey)) {
                held.add(view.name());
            }
        }
        return held;
    }

    /** Feast makes no table for a view that is not online. */
    private boolean holds(String featureView, byte[] entityKey) {
        try (SqliteReaders.Lease lease = readers.borrow()) {
            return lease.run(reader -> reader.holds(featureView, entityKey));
        } catch (SQLException e) {
            if (SqliteLayout.isMissingTable(e)) {
                return false;
            }
            throw layout.failure(featureView, e);
        }
    }

    @Override
    public List<String> delete(List<FeatureView> featureViews, byte[] entityKey) {
        return guarded(
                null,
                () -> writer.delete(featureViews.stream().map(FeatureView::name).toList(), entityKey));
    }

    /** The same: a table of another view cannot be told from one of another project. */
    @Override
    public List<String> deleteEverywhere(List<FeatureView> featureViews, byte[] entityKey) {
        return delete(featureViews, entityKey);
    }

    /** One process materializes to a file at a time, whatever the view. */
    @Override
    public boolean isBeingMaterialized(String featureView) {
        return SqliteLock.isHeld(layout.file());
    }

    /** Empty also when the rows are gone although the state says that there were some. */
    @Override
    public Optional<MaterializationState> state(String featureView) {
        if (!layout.exists()) {
            return Optional.empty();
        }
        try (SqliteReaders.Lease lease = readers.borrow()) {
            return lease.run(reader -> reader.state(featureView));
        } catch (SQLException e) {
            if (SqliteLayout.isMissingTable(e)) {
                return Optional.empty();
            }
            throw layout.failure(featureView, e);
        }
    }

    @Override
    public void saveState(String featureView, MaterializationState state) {
        guarded(featureView, () -> {
            writer.saveState(featureView, state);
            return true;
        });
    }

    @Override
    public Stream<byte[]> keys(String featureView) {
        return Stream.iterate(
                        keys(featureView, new byte[0]),
                        some -> !some.isEmpty(),
                        some -> keys(featureView, some.get(some.size() - 1)))
                .flatMap(List::stream);
    }

    private List<byte[]> keys(String featureView, byte[] after) {
        try (SqliteReaders.Lease lease = readers.borrow()) {
            return guarded(featureView, () -> lease.run(reader -> reader.keys(featureView, after)));
        }
    }

    @Override
    public void close() {
        readers.close();
        guarded(null, () -> {
            writer.close();
            return true;
        });
    }

    private <T> T guarded(@Nullable String featureView, SqlCall<T> call) {
        try {
            return call.run();
        } catch (SQLException e) {
            throw layout.failure(featureView, e);
        }
    }

    @FunctionalInterface
    private interface SqlCall<T> {
        T run() throws SQLException;
    }
}
