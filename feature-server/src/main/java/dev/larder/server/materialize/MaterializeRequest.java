package dev.larder.server.materialize;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.server.online.InvalidRequest;
import dev.larder.server.online.ServedDefinitions;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /materialize} or {@code /materialize-incremental}, checked for its shape and its times.
 *
 * @param featureViews null: all online ones
 * @param start null: from where the last one ended
 */
public record MaterializeRequest(@Nullable List<String> featureViews, @Nullable Instant start, Instant end) {
    private static final String EXPECTED =
            "expected: ISO, for example 2026-11-01T06:00:00+00:00; without an offset UTC is meant";
    /** Feast's own range: Python's dates end there. */
    private static final int GREATEST_YEAR = 9999;

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .optionalStart()
            .appendPattern("[XXXXX][XXXX][X]")
            .optionalEnd()
            .optionalEnd()
            .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    /**
     * Reads the body of {@code POST /materialize}.
     *
     * @param body parsed JSON: null for an empty body, Boolean, Number, String, List or Map
     * @param clock tells the end for {@code disable_event_timestamp}
     * @throws InvalidRequest with all mistakes of its shape
     * @throws LarderException {@code ARGUMENT_INVALID} for times that are missing, unreadable or reversed, and for a version
     */
    public static MaterializeRequest interval(@Nullable Object body, Clock clock) {
        MaterializeShape shape = new MaterializeShape(body);
        String start = shape.text("start_ts");
        String end = shape.text("end_ts");
        boolean allTimes = shape.flag("disable_event_timestamp");
        List<String> views = views(shape);
        if (allTimes) {
            return new MaterializeRequest(views, Instant.EPOCH, clock.instant());
        }
        Instant from = time("start_ts", start);
        Instant to = time("end_ts", end);
        if (!from.isBefore(to)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID, "start_ts (%s) must be before end_ts (%s)".formatted(from, to));
        }
        return new MaterializeRequest(views, from, to);
    }

    /** Reads the body of {@code POST /materialize-incremental}; fails as {@link #interval} does. */
    public static MaterializeRequest incremental(@Nullable Object body) {
        MaterializeShape shape = new MaterializeShape(body);
        String end = shape.requiredText("end_ts");
        List<String> views = views(shape);
        return new MaterializeRequest(views, null, time("end_ts", end));
    }

    /**
     * A flag of the request's query, such as {@code async}.
     *
     * @param text null if it is not there
     * @throws InvalidRequest if it is none
     */
    public static boolean queryFlag(String name, @Nullable String text) {
        return MaterializeShape.queryFlag(name, text);
    }

    private static @Nullable List<String> views(MaterializeShape shape) {
        List<String> views = shape.texts("feature_views");
        boolean unused = shape.flag("full_feature_names");
        String version = shape.text("version");
        shape.requireRight();
        if (version != null && !version.equals("latest")) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "version: '%s' is not kept (expected: none, or 'latest', which alone is served)"
                            .formatted(version));
        }
        return views;
    }

    private static Instant time(String field, @Nullable String text) {
        if (text == null || text.isBlank()) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%s: is missing (%s; start_ts and end_ts are required when disable_event_timestamp is False)"
                            .formatted(field, EXPECTED));
        }
        try {
            TemporalAccessor read = TIME.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
            int year = read.get(ChronoField.YEAR);
            if (year >= 1 && year <= GREATEST_YEAR) {
                return read instanceof OffsetDateTime time
                        ? time.toInstant()
                        : ((LocalDateTime) read).toInstant(ZoneOffset.UTC);
            }
        } catch (DateTimeException e) {
            throw unreadable(field, text, e);
        }
        throw unreadable(field, text, null);
    }

    private static LarderException unreadable(String field, String text, @Nullable Throwable cause) {
        return new LarderException(
                ErrorCode.ARGUMENT_INVALID, "%s: '%s' is no time (%s)".formatted(field, text, EXPECTED), cause);
    }

    /**
     * Finds the views.
     *
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND}, naming those that exist; {@code ARGUMENT_INVALID} for one that is not
     *     online; {@link CannotMaterialize} for one whose rows Larder does not have
     */
    public Materialization of(ServedDefinitions served) {
        List<String> names = featureViews == null
                ? online(served)
                : featureViews.stream().distinct().toList();
        List<String> foreign =
                names.stream().filter(name -> !isComputedHere(served, name)).toList();
        if (!foreign.isEmpty()) {
            throw CannotMaterialize.notComputedHere(foreign);
        }
        return new Materialization(names, start, end);
    }

    private static List<String> online(ServedDefinitions served) {
        return served.repository().featureViews().stream()
                .filter(FeatureView::online)
                .map(FeatureView::name)
                .filter(name -> !served.disabledViews().contains(name))
                .toList();
    }

    private static boolean isComputedHere(ServedDefinitions served, String name) {
        if (served.onDemandViews().contains(name)) {
            return false;
        }
        FeatureView view = served.repository().featureView(name);
        if (!view.online() || served.disabledViews().contains(name)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "Feature view %s is %s, so it is not materialized. Change its definition and apply it, or leave it out."
                            .formatted(name, view.online() ? "disabled" : "not online"));
        }
        return view.computation() != null;
    }
}
