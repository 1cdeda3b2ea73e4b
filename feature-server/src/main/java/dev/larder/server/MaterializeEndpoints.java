package dev.larder.server;

import dev.larder.onlinestore.OnlineStore;
import dev.larder.registry.config.FeatureStoreConfig;
import dev.larder.registry.config.OnlineStoreConfig;
import dev.larder.server.materialize.LarderCommand;
import dev.larder.server.materialize.Materializations;
import dev.larder.server.metrics.MaterializeMetrics;
import io.dropwizard.lifecycle.Managed;
import io.dropwizard.lifecycle.setup.LifecycleEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;

/** The paths that materialize. When the server begins to stop, the processes of its materializations are asked to end. */
final class MaterializeEndpoints {
    private MaterializeEndpoints() {}

    static void add(
            Endpoints endpoints,
            LifecycleEnvironment lifecycle,
            ServerConfig config,
            OnlineStore store,
            ServedRegistry registry,
            Clock clock,
            MaterializeMetrics metrics) {
        Materializations materializations = new Materializations(
                command(config.larderCommand(), config.store()),
                config.store().onlineStore() instanceof OnlineStoreConfig.Redis ? Materializations.AT_ONCE : 1,
                store::isBeingMaterialized,
                clock,
                metrics);
        int maxBodyBytes = config.limits().bodyBytes();
        endpoints
                .add("GET", "/materialize", new GetMaterializations(materializations))
                .add("POST", "/materialize", PostMaterialize.interval(materializations, registry, maxBodyBytes, clock))
                .add(
                        "POST",
                        "/materialize-incremental",
                        PostMaterialize.incremental(materializations, registry, maxBodyBytes));
        lifecycle.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopping(LifeCycle server) {
                // Before the requests that wait for them are waited for.
                materializations.stop();
            }
        });
        lifecycle.manage(new Managed() {
            @Override
            public void stop() {
                materializations.close();
            }
        });
    }

    private static @Nullable LarderCommand command(@Nullable Path program, FeatureStoreConfig config) {
        return program == null ? null : new LarderCommand(program, config.repo(), config.file());
    }
}
