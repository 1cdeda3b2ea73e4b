package dev.larder.server.write;

import dev.larder.model.ErrorCode;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.LarderException;
import dev.larder.registry.ViewSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the columns of a frame are to one view. A name that the batch source maps is taken for the name in the view; the times
 * stand under the source's own names, or under {@code event_timestamp} and {@code created}, which Feast's client uses for any
 * source.
 *
 * @param joinKeys given columns, in the order of the view's join keys
 * @param features those features of the view that are given, in the view's order
 * @param featureColumns given columns, in the order of {@code features}
 * @param created null if there is no such column
 */
record ViewColumns(
        FeatureView view,
        List<String> joinKeys,
        List<Field> features,
        List<String> featureColumns,
        String eventTime,
        @Nullable String created) {
    private static final String EVENT_TIMESTAMP = "event_timestamp";
    private static final String CREATED = "created";

    /**
     * The columns of each view of which at least one feature is given.
     *
     * @throws LarderException {@code ARGUMENT_INVALID} if none is; if a view lacks a join key or the event time; if two columns
     *     mean the same; or if features are left out although there are columns that mean nothing, which may be misspelt
     */
    static List<ViewColumns> of(List<FeatureView> views, WriteDefinitions definitions, Set<String> given) {
        List<ViewColumns> all = new ArrayList<>();
        Set<String> unknown = new TreeSet<>(given);
        Set<String> leftOut = new TreeSet<>();
        for (FeatureView view : views) {
            Names names = new Names(view, definitions.source(view), given);
            unknown.removeAll(names.known());
            List<Field> features = new ArrayList<>();
            for (Field feature : view.features()) {
                if (names.find(feature.name()) == null) {
                    leftOut.add(feature.name());
                } else {
                    features.add(feature);
                }
            }
            if (!features.isEmpty()) {
                all.add(names.columns(features));
            }
        }
        String viewNames =
                String.join(", ", views.stream().map(FeatureView::name).toList());
        if (all.isEmpty()) {
            throw invalid("No column is a feature of %s (given: %s; expected at least one of: %s)"
                    .formatted(viewNames, list(given), list(leftOut)));
        } else if (!unknown.isEmpty() && !leftOut.isEmpty()) {
            throw invalid(
                    "Column %s is no join key, feature or time of %s, and features are left out: %s. Leave it out, too, or spell it as one of them; a feature without a column keeps its value."
                            .formatted(list(unknown), viewNames, list(leftOut)));
        }
        return all;
    }

    /** The names of a frame's columns as one view understands them. */
    private static final class Names {
        private final FeatureView view;
        private final ViewSource source;
        private final Set<String> given;
        /** From a name in the view to the column given for it. */
        private final Map<String, String> columns = new LinkedHashMap<>();

        Names(FeatureView view, ViewSource source, Set<String> given) {
            this.view = view;
            this.source = source;
            this.given = given;
            for (String name : given) {
                String other = columns.putIfAbsent(mapped(name), name);
                if (other != null) {
                    throw invalid("Columns %s and %s are both %s of feature view %s. Leave one of them out."
                            .formatted(other, name, mapped(name), view.name()));
                }
            }
        }

        private String mapped(String name) {
            return source.fieldMapping().getOrDefault(name, name);
        }

        @Nullable
        String find(String name) {
            return columns.get(name);
        }

        /** Columns given that are something in this view. */
        Set<String> known() {
            Set<String> known = new TreeSet<>();
            view.joinKeys().forEach(name -> add(known, name));
            view.features().forEach(feature -> add(known, feature.name()));
            add(known, mapped(source.timestampField()));
            add(known, mapped(source.createdColumn()));
            add(known, EVENT_TIMESTAMP);
            add(known, CREATED);
            return known;
        }

        private void add(Set<String> known, String name) {
            String column = columns.get(name);
            if (column != null) {
                known.add(column);
            }
        }

        ViewColumns columns(List<Field> features) {
            List<String> joinKeys = new ArrayList<>();
            for (String joinKey : view.joinKeys()) {
                joinKeys.add(required(joinKey, "is a join key"));
            }
            String time = time(source.timestampField(), EVENT_TIMESTAMP);
            return new ViewColumns(
                    view,
                    joinKeys,
                    features,
                    features.stream()
                            .map(feature -> Objects.requireNonNull(columns.get(feature.name())))
                            .toList(),
                    time != null
                            ? time
                            : required(
                                    source.timestampField().isEmpty() ? EVENT_TIMESTAMP : source.timestampField(),
                                    "holds the event time"),
                    time(source.createdColumn(), CREATED));
        }

        /** The column of a time: under the source's own name, or another one that is nothing else in the view. */
        private @Nullable String time(String ownName, String otherName) {
            String column = ownName.isEmpty() ? null : columns.get(mapped(ownName));
            boolean isTaken =
                    view.feature(otherName).isPresent() || view.joinKeys().contains(otherName);
            return column != null || isTaken ? column : columns.get(otherName);
        }

        private String required(String name, String what) {
            String column = columns.get(name);
            if (column == null) {
                throw invalid("Column %s is missing, which %s of feature view %s (given: %s)"
                        .formatted(name, what, view.name(), list(given)));
            }
            return column;
        }
    }

    private static String list(Set<String> names) {
        return String.join(", ", new TreeSet<>(names));
    }

    private static LarderException invalid(String message) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message);
    }
}
