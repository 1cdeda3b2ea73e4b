package dev.larder.server;

import dev.larder.model.Entity;
import dev.larder.model.FeatureService;
import dev.larder.model.FeatureView;
import dev.larder.model.Field;
import dev.larder.model.Repository;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/v1/features}: what is served, for people. */
final class GetFeatureCatalog implements Endpoint {
    static final String PATH = "/api/v1/features";

    private final ServedRegistry registry;

    GetFeatureCatalog(ServedRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ServedRegistry.Served served = registry.served();
        Repository repository = served.definitions().repository();
        Map<String, Instant> ends = served.snapshot().materializedUntil(repository.project());
        List<Object> views = new ArrayList<>();
        repository.featureViews().stream()
                .sorted(Comparator.comparing(FeatureView::name))
                .forEach(view -> views.add(view(
                        repository,
                        view,
                        served.definitions().disabledViews().contains(view.name()),
                        ends.get(view.name()))));
        Map<String, Object> catalog = new LinkedHashMap<>();
        catalog.put("project", repository.project());
        catalog.put("registry_version", served.snapshot().versionId());
        catalog.put("registry_last_updated", served.snapshot().lastUpdated().toString());
        catalog.put("feature_views", views);
        catalog.put(
                "feature_services",
                repository.featureServices().stream()
                        .sorted(Comparator.comparing(FeatureService::name))
                        .map(service -> service(repository, service))
                        .toList());
        catalog.put(
                "on_demand_feature_views", new TreeSet<>(served.definitions().onDemandViews()));
        Bodies.send(response, 200, JsonBodies.readable(catalog));
    }

    private static Map<String, @Nullable Object> view(
            Repository repository, FeatureView view, boolean disabled, @Nullable Instant materializedUntil) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("name", view.name());
        shown.put("description", view.description());
        shown.put("owner", view.owner());
        shown.put("tags", new TreeMap<>(view.tags()));
        shown.put("entities", entities(repository, view));
        shown.put(
                "features",
                view.features().stream().map(GetFeatureCatalog::feature).toList());
        shown.put("ttl_seconds", view.ttl().toSeconds());
        shown.put("online", view.online() && !disabled);
        shown.put("last_materialization", materializedUntil == null ? null : materializedUntil.toString());
        shown.put("look_up", lookUp(view));
        return shown;
    }

    /** Where one entity's values of a view are, its join keys in braces. */
    static String lookUp(FeatureView view) {
        return view.joinKeys().stream()
                .map(key -> "/{" + key + "}")
                .collect(Collectors.joining("", PATH + "/" + view.name(), ""));
    }

    private static List<Object> entities(Repository repository, FeatureView view) {
        List<Object> entities = new ArrayList<>();
        for (Field column : view.entityColumns()) {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put(
                    "name",
                    repository.entities().stream()
                            .filter(entity -> entity.joinKey().equals(column.name()))
                            .map(Entity::name)
                            .findFirst()
                            .orElse(column.name()));
            shown.put("join_key", column.name());
            shown.put("type", column.type().displayName());
            entities.add(shown);
        }
        return entities;
    }

    private static Map<String, Object> feature(Field feature) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("name", feature.name());
        shown.put("type", feature.type().displayName());
        shown.put("description", feature.description());
        shown.put("tags", new TreeMap<>(feature.tags()));
        return shown;
    }

    private static Map<String, Object> service(Repository repository, FeatureService service) {
        List<String> features = new ArrayList<>();
        for (FeatureService.Projection projection : service.projections()) {
            List<String> names = projection.features();
            if (names.isEmpty()) {
                names = repository.featureViews().stream()
                        .filter(view -> view.name().equals(projection.featureView()))
                        .flatMap(view -> view.features().stream())
                        .map(Field::name)
                        .toList();
            }
            names.forEach(name -> features.add(projection.featureView() + ":" + name));
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("name", service.name());
        shown.put("description", service.description());
        shown.put("owner", service.owner());
        shown.put("tags", new TreeMap<>(service.tags()));
        shown.put("features", features);
        return shown;
    }
}
