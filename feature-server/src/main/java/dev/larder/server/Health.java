package dev.larder.server;

import dev.larder.feast.EntityKeyCodec;
import dev.larder.model.FeatureView;
import dev.larder.model.LarderException;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.onlinestore.OnlineStore.ViewRead;
import dev.larder.server.online.ServedDefinitions;
import java.util.List;
import java.util.Optional;

/** Whether requests can be answered: there are definitions, and the online store answers a read. */
final class Health {
    private static final byte[] ANY_KEY =
            EntityKeyCodec.encode(EntityKeyCodec.ENTITYLESS, EntityKeyCodec.CURRENT_VERSION);

    private final ServedRegistry registry;
    private final OnlineStore store;

    Health(ServedRegistry registry, OnlineStore store) {
        this.registry = registry;
        this.store = store;
    }

    /** What is missing, if something is. */
    Optional<LarderException> problem() {
        return registryProblem().or(this::storeProblem);
    }

    /** Definitions that could not be refreshed are no problem here: the last good ones still serve. */
    Optional<LarderException> registryProblem() {
        try {
            registry.get();
            return Optional.empty();
        } catch (LarderException e) {
            return Optional.of(e);
        }
    }

    Optional<LarderException> storeProblem() {
        try {
            ServedDefinitions served = registry.get();
            served.repository().featureViews().stream()
                    .filter(FeatureView::online)
                    .findFirst()
                    .ifPresent(this::probe);
            return Optional.empty();
        } catch (LarderException e) {
            return Optional.of(e);
        }
    }

    private void probe(FeatureView view) {
        store.read(
                List.of(new ViewRead(view.name(), List.of(view.features().get(0).name()), List.of(ANY_KEY))));
    }
}
