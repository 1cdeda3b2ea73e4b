package dev.larder.registry;

import dev.larder.feast.RegistryCodec;
import dev.larder.feast.proto.core.DataSource;
import dev.larder.feast.proto.core.DataSource.SourceType;
import dev.larder.feast.proto.core.FeatureView;
import dev.larder.feast.proto.core.FeatureViewMeta;
import dev.larder.feast.proto.core.FeatureViewState;
import dev.larder.feast.proto.core.Registry;
import dev.larder.feast.proto.core.StreamFeatureView;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import dev.larder.model.Repository;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The registry as it was at one time; never changes. */
public record Snapshot(Registry proto) {

    /** Differs after every write; empty in an empty registry. */
    public String versionId() {
        return proto.getVersionId();
    }

    /** Whether it holds nothing at all. */
    public boolean isEmpty() {
        return proto.getSerializedSize() == 0;
    }

    public Instant lastUpdated() {
        return ProtoTime.toInstant(proto.getLastUpdated());
    }

    /** Names of the projects that own something here. */
    public SortedSet<String> projects() {
        SortedSet<String> names = new TreeSet<>();
        proto.getProjectsList().forEach(p -> names.add(p.getSpec().getName()));
        proto.getEntitiesList().forEach(e -> names.add(e.getSpec().getProject()));
        proto.getFeatureViewsList().forEach(v -> names.add(v.getSpec().getProject()));
        proto.getStreamFeatureViewsList().forEach(v -> names.add(v.getSpec().getProject()));
        names.remove("");
        return names;
    }

    /**
     * The project's definitions; decoded anew at every call, so keep the result.
     *
     * @throws LarderException {@code STEP_MISSING} if nothing of the project was applied
     */
    public Repository repository(String project) {
        if (!projects().contains(project)) {
            throw new LarderException(
                    ErrorCode.STEP_MISSING,
                    "Project %s is not in the registry (known: %s). Run 'larder apply' first."
                            .formatted(project, projects().isEmpty() ? "none" : String.join(", ", projects())));
        }
        return new RegistryCodec(project).decode(proto);
    }

    /**
     * How far a plain, batch or stream view is materialized.
     *
     * @throws LarderException {@code FEATURE_VIEW_NOT_FOUND}, naming the views that exist
     */
    public ViewStatus status(String project, String view) {
        for (FeatureView candidate : proto.getFeatureViewsList()) {
            if (candidate.getSpec().getProject().equals(project)
                    && candidate.getSpec().getName().equals(view)) {
                return status(candidate.getMeta(), candidate.getSpec().getDisabled());
            }
        }
        for (StreamFeatureView candidate : proto.getStreamFeatureViewsList()) {
            if (candidate.getSpec().getProject().equals(project)
                    && candidate.getSpec().getName().equals(view)) {
                return status(candidate.getMeta(), candidate.getSpec().getDisabled());
            }
        }
        throw viewNotFound(proto, project, view);
    }

    /** Where the rows of each plain, batch and stream view of the project come from, by name, in the registry's order. */
    public Map<String, ViewSource> viewSources(String project) {
        Map<String, ViewSource> sources = new LinkedHashMap<>();
        proto.getFeatureViewsList().stream()
                .map(FeatureView::getSpec)
                .filter(spec -> spec.getProject().equals(project))
                .forEach(spec -> sources.put(
                        spec.getName(),
                        source(spec.getStreamSource(), spec.hasBatchSource() ? spec.getBatchSource() : null)));
        proto.getStreamFeatureViewsList().stream()
                .map(StreamFeatureView::getSpec)
                .filter(spec -> spec.getProject().equals(project))
                .forEach(spec -> sources.put(
                        spec.getName(),
                        source(spec.getStreamSource(), spec.hasBatchSource() ? spec.getBatchSource() : null)));
        return sources;
    }

    /** Names of the project's push sources, whether or not they feed a view. */
    public SortedSet<String> pushSources(String project) {
        SortedSet<String> names = new TreeSet<>();
        proto.getDataSourcesList().stream()
                .filter(source -> source.getProject().equals(project))
                .filter(source -> source.getType() == SourceType.PUSH_SOURCE)
                .forEach(source -> names.add(source.getName()));
        return names;
    }

    private static ViewSource source(DataSource stream, @Nullable DataSource batchOfView) {
        DataSource batch = batchOfView == null ? stream.getBatchSource() : batchOfView;
        return new ViewSource(
                stream.getType() == SourceType.PUSH_SOURCE ? stream.getName() : null,
                batch.getTimestampField(),
                batch.getCreatedTimestampColumn(),
                batch.getFieldMappingMap());
    }

    /** Greatest end of the materialized intervals, by plain, batch or stream view; views that never were are left out. */
    public SortedMap<String, Instant> materializedUntil(String project) {
        SortedMap<String, Instant> ends = new TreeMap<>();
        for (FeatureView view : proto.getFeatureViewsList()) {
            if (view.getSpec().getProject().equals(project)) {
                status(view.getMeta(), false)
                        .materializedUntil()
                        .ifPresent(end -> ends.put(view.getSpec().getName(), end));
            }
        }
        for (StreamFeatureView view : proto.getStreamFeatureViewsList()) {
            if (view.getSpec().getProject().equals(project)) {
                status(view.getMeta(), false)
                        .materializedUntil()
                        .ifPresent(end -> ends.put(view.getSpec().getName(), end));
            }
        }
        return ends;
    }

    static LarderException viewNotFound(Registry proto, String project, String view) {
        SortedSet<String> known = new TreeSet<>();
        proto.getFeatureViewsList().stream()
                .map(FeatureView::getSpec)
                .filter(spec -> spec.getProject().equals(project))
                .forEach(spec -> known.add(spec.getName()));
        proto.getStreamFeatureViewsList().stream()
                .map(StreamFeatureView::getSpec)
                .filter(spec -> spec.getProject().equals(project))
                .forEach(spec -> known.add(spec.getName()));
        return new LarderException(
                ErrorCode.FEATURE_VIEW_NOT_FOUND,
                "Feature view %s does not exist in project %s (known: %s). Run 'larder apply' if you have just added it."
                        .formatted(view, project, known.isEmpty() ? "none" : String.join(", ", known)));
    }

    private static ViewStatus status(FeatureViewMeta meta, boolean disabled) {
        return new ViewStatus(
                meta.getMaterializationIntervalsList().stream()
                        .map(interval -> new ViewStatus.Interval(
                                ProtoTime.toInstant(interval.getStartTime()),
                                ProtoTime.toInstant(interval.getEndTime())))
                        .toList(),
                state(meta.getState()),
                disabled);
    }

    private static ViewStatus.State state(FeatureViewState state) {
        return switch (state) {
            case CREATED -> ViewStatus.State.CREATED;
            case GENERATED -> ViewStatus.State.GENERATED;
            case MATERIALIZING -> ViewStatus.State.MATERIALIZING;
            case AVAILABLE_ONLINE -> ViewStatus.State.AVAILABLE_ONLINE;
            case STATE_UNSPECIFIED, UNRECOGNIZED -> ViewStatus.State.UNSPECIFIED;
        };
    }
}
