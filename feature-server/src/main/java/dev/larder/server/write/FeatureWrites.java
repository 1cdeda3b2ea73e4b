package dev.larder.server.write;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.OnlineWrite;
import dev.larder.server.online.Definitions;
import dev.larder.server.online.Limits;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes rows that somebody sends to the online store, atomically for each entity and view. All rows are read before the first
 * is written, so a row that cannot be read leaves nothing behind; if the store fails in between, the error says how far it
 * went, and sending the same rows again completes them. Safe for use by many threads.
 */
public final class FeatureWrites {
    private static final Logger LOG = LoggerFactory.getLogger(FeatureWrites.class);
    private static final Set<String> OFFLINE = Set.of("offline", "online_and_offline");

    /** How many values are held encoded, and given to the store in one call; it may take several round trips for them. */
    private static final int VALUES_AT_ONCE = 50_000;

    private static final long NANOS_BETWEEN_WARNINGS = 60_000_000_000L;

    private final WriteRegistry registry;
    private final OnlineStore store;
    private final int keyVersion;
    private final WriteRules rules;
    private final Limits limits;
    private final Clock clock;
    private final AtomicLong lastReceived = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong lastWarning = new AtomicLong(System.nanoTime() - NANOS_BETWEEN_WARNINGS);
    private volatile @Nullable Rooms rooms;

    /**
     * @param keyVersion {@code entity_key_serialization_version}
     * @param clock tells when rows were received
     */
    public FeatureWrites(
            WriteRegistry registry, OnlineStore store, int keyVersion, WriteRules rules, Limits limits, Clock clock) {
        this.registry = registry;
        this.store = store;
        this.keyVersion = keyVersion;
        this.rules = rules;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Writes rows to every view that a push source feeds.
     *
     * @param to {@code online}; Feast's other places, {@code offline} and {@code online_and_offline}, are refused as a whole
     * @param fresh whether the registry is looked at first
     * @return how many rows were written, over all views; older ones, and those that a later row of the frame replaces, are not
     * @throws LarderException as {@link #write}; {@link FeastFailure} for an unknown source or another place
     */
    public long push(String pushSource, Frame frame, String to, boolean fresh) {
        if (!to.equals("online") && !OFFLINE.contains(to)) {
            throw invalid(
                    "%s is not a supported push format. Please specify one of these ['online', 'offline', 'online_and_offline']."
                            .formatted(to));
        }
        WriteDefinitions definitions = definitions(fresh, known -> known.fedBy(pushSource));
        List<FeatureView> views = definitions.fedBy(pushSource);
        if (OFFLINE.contains(to)) {
            throw FeastFailure.notImplemented(
                    "\"to\": \"%s\" would write to the source of %s, too, which this server does not do: that will be the offline server's part. Nothing was written. Use \"to\": \"online\"."
                            .formatted(to, String.join(", ", names(views))));
        }
        return write(definitions, views, frame);
    }

    /**
     * Writes rows to one view.
     *
     * @param fresh whether the registry is looked at first
     * @return how many rows were written; older ones, and those that a later row of the frame replaces, are not
     * @throws LarderException {@code ARGUMENT_INVALID} or {@code VALUE_TYPE_MISMATCH}, naming what is wrong with the rows, of
     *     which none was written then; or what keeps the registry or the store from working. {@link FeastFailure} for an
     *     unknown view or one that is computed on demand
     */
    public long write(String view, Frame frame, boolean fresh) {
        WriteDefinitions definitions = definitions(fresh, known -> List.of(known.view(view)));
        return write(definitions, List.of(definitions.view(view)), frame);
    }

    /**
     * Those in use; the registry is looked at first if it must be, or if what is asked for is not among them.
     *
     * @param asked fails for what is unknown
     */
    private WriteDefinitions definitions(boolean fresh, Function<WriteDefinitions, List<FeatureView>> asked) {
        if (fresh) {
            return registry.fresh();
        }
        try {
            WriteDefinitions known = registry.current();
            List<FeatureView> unused = asked.apply(known);
            return known;
        } catch (LarderException e) {
            if (!Definitions.isUnknown(e)) {
                throw e;
            }
            return registry.fresh();
        }
    }

    private long write(WriteDefinitions definitions, List<FeatureView> views, Frame frame) {
        if (frame.rows() == 0) {
            return 0;
        }
        checkSize(frame);
        long received = lastReceived.accumulateAndGet(EventTimes.micros(clock.instant()), Math::max);
        List<Part> parts = new ArrayList<>();
        long held = 0;
        for (ViewColumns columns :
                ViewColumns.of(views, definitions, frame.columns().keySet())) {
            ViewRows rows = new ViewRows(columns, frame, rules, keyVersion, received);
            long values = (long) frame.rows() * (1 + columns.features().size());
            Part part =
                    new Part(rows, frame.rows(), held + values > VALUES_AT_ONCE ? null : rows.encode(0, frame.rows()));
            held += part.encoded() == null ? 0 : values;
            parts.add(part);
        }
        parts.forEach(Part::check);
        parts.forEach(part -> warnOfTimes(part.rows()));
        return write(definitions, parts);
    }

    private void checkSize(Frame frame) {
        long values = (long) frame.rows() * frame.columns().size();
        if (frame.rows() > limits.rows()) {
            throw invalid(
                    "%d rows in one request (allowed: %d). Send several requests, or start the server with a greater --max-rows."
                            .formatted(frame.rows(), limits.rows()));
        } else if (values > limits.values()) {
            throw invalid(
                    "%d rows of %d columns are %d values in one request (allowed: %d). Send several requests, or start the server with a greater --max-values."
                            .formatted(frame.rows(), frame.columns().size(), values, limits.values()));
        }
    }

    private void warnOfTimes(ViewRows rows) {
        for (Object cell : rows.eventTimes()) {
            if (EventTimes.isSuspicious(cell)) {
                long last = lastWarning.get();
                long now = System.nanoTime();
                if (now - last >= NANOS_BETWEEN_WARNINGS && lastWarning.compareAndSet(last, now)) {
                    LOG.warn(
                            "Rows for feature view {} have the event time {}, a time before 1973: a number counts nanoseconds since 1970. Send ISO-8601 text, or multiply it. (Said once a minute at most.)",
                            rows.columns().view().name(),
                            cell);
                }
                return;
            }
        }
    }

    // ------------------------------------------------------------------ writing

    /**
     * What goes to one view.
     *
     * @param encoded null if that is too much to be held
     */
    private record Part(ViewRows rows, int count, @Nullable List<OnlineWrite> encoded) {
        /** Encodes everything, and drops what is too much to be held. */
        void check() {
            for (int from = 0; encoded == null && from < count; from += step()) {
                List<OnlineWrite> unused = rows.encode(from, Math.min(from + step(), count));
            }
        }

        List<OnlineWrite> encode(int from, int to) {
            return encoded == null ? rows.encode(from, to) : encoded.subList(from, to);
        }

        int step() {
            return Math.max(1, VALUES_AT_ONCE / (1 + rows.columns().features().size()));
        }

        FeatureView view() {
            return rows.columns().view();
        }
    }

    private long write(WriteDefinitions definitions, List<Part> parts) {
        long written = 0;
        List<String> done = new ArrayList<>();
        for (Part part : parts) {
            List<String> features =
                    part.rows().columns().features().stream().map(Field::name).toList();
            for (int from = 0; from < part.count(); from += part.step()) {
                int to = Math.min(from + part.step(), part.count());
                try {
                    written += push(definitions, part.view(), features, part.encode(from, to));
                } catch (LarderException e) {
                    throw from == 0 && done.isEmpty() ? e : halfway(e, done, part, from);
                }
            }
            done.add("all of feature view " + part.view().name());
        }
        return written;
    }

    private static LarderException halfway(LarderException e, List<String> done, Part part, int from) {
        List<String> sofar = new ArrayList<>(done);
        if (from > 0) {
            sofar.add("%d of %d rows of feature view %s"
                    .formatted(from, part.count(), part.view().name()));
        }
        return new LarderException(
                e.code(),
                "%s Before that was written: %s. Send the same rows again: that completes them and changes nothing else."
                        .formatted(e.getMessage(), String.join(", ", sofar)),
                e);
    }

    private long push(WriteDefinitions definitions, FeatureView view, List<String> features, List<OnlineWrite> rows) {
        if (rooms(definitions).add(view.name())) {
            makeRoom(definitions, view);
        }
        try {
            return store.push(view.name(), features, rows, rules.rule());
        } catch (LarderException e) {
            if (e.code() != ErrorCode.STEP_MISSING) {
                throw e;
            }
            // Somebody has removed the file or the table since.
            store.makeRoom(view);
            return store.push(view.name(), features, rows, rules.rule());
        }
    }

    private void makeRoom(WriteDefinitions definitions, FeatureView view) {
        boolean made = false;
        try {
            store.makeRoom(view);
            made = true;
        } finally {
            if (!made) {
                rooms(definitions).remove(view.name());
            }
        }
    }

    /** The views for which room was made under these definitions. */
    @SuppressWarnings("ReferenceEquality") // comparing contents would cost more than making room again
    private Set<String> rooms(WriteDefinitions definitions) {
        Rooms known = rooms;
        if (known == null || known.definitions() != definitions) {
            known = new Rooms(definitions, ConcurrentHashMap.newKeySet());
            rooms = known;
        }
        return known.views();
    }

    private record Rooms(WriteDefinitions definitions, Set<String> views) {}

    private static List<String> names(List<FeatureView> views) {
        return views.stream().map(FeatureView::name).toList();
    }

    private static LarderException invalid(String message) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message);
    }
}
