package dev.larder.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All definitions of one project, checked against each other. */
public record Repository(
        String project,
        List<Entity> entities,
        List<DataSource> dataSources,
        List<FeatureView> featureViews,
        List<FeatureService> featureServices) {
    public Repository {
        entities = List.copyOf(entities);
        dataSources = List.copyOf(dataSources);
        featureViews = List.copyOf(featureViews);
        featureServices = List.copyOf(featureServices);
    }

    public Optional<Entity> entity(String name) {
        return entities.stream().filter(e -> e.name().equals(name)).findFirst();
    }

    /** @throws LarderException {@code FEATURE_VIEW_NOT_FOUND}, naming the views that exist */
    public FeatureView featureView(String name) {
        return named(featureViews, FeatureView::name, name, "Feature view", ErrorCode.FEATURE_VIEW_NOT_FOUND);
    }

    /** @throws LarderException {@code FEATURE_SERVICE_NOT_FOUND}, naming the services that exist */
    public FeatureService featureService(String name) {
        return named(
                featureServices, FeatureService::name, name, "Feature service", ErrorCode.FEATURE_SERVICE_NOT_FOUND);
    }

    /** @throws LarderException {@code DATA_SOURCE_NOT_FOUND}, naming the sources that exist */
    public DataSource dataSource(String name) {
        return named(dataSources, DataSource::name, name, "Data source", ErrorCode.DATA_SOURCE_NOT_FOUND);
    }

    private <T> T named(List<T> all, Function<T, String> nameOf, String name, String kind, ErrorCode code) {
        Map<String, T> byName = all.stream().collect(Collectors.toMap(nameOf, t -> t, (a, b) -> a, TreeMap::new));
        T found = byName.get(name);
        if (found == null) {
            throw new LarderException(
                    code,
                    "%s %s does not exist in project %s (known: %s)"
                            .formatted(
                                    kind,
                                    name,
                                    project,
                                    byName.isEmpty() ? "none" : String.join(", ", byName.keySet())));
        }
        return found;
    }
}
