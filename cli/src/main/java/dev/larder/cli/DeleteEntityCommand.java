package dev.larder.cli;

import dev.larder.model.FeatureView;
import dev.larder.model.Repository;
import dev.larder.onlinestore.OnlineStore;
import dev.larder.registry.FileRegistry;
import dev.larder.registry.config.FeatureStoreConfig;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "delete-entity",
        mixinStandardHelpOptions = true,
        header = "Remove an entity from the online store.",
        description = {
            "Its values go from every feature view with the given join keys, or from one; no keys are walked over.",
            "The offline tables keep its rows. Materializing does not bring it back as long as its latest row stays the",
            "same; a new or corrected row does, and so does a store that is filled anew.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  larder delete-entity --entity user_id=42 --dry-run",
            "  larder delete-entity --entity driver_id=7 --entity customer_id=c-9 --view trips"
        })
final class DeleteEntityCommand implements Callable<Integer> {
    @ParentCommand
    private LarderCommand larder = new LarderCommand();

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "KEY=VALUE",
            description = "A join key and its value; once for each join key.")
    private List<String> entity = List.of();

    @Option(names = "--view", paramLabel = "VIEW", description = "Only from this feature view. Default: from all.")
    private @Nullable String view;

    @Option(names = "--dry-run", description = "Only say which feature views hold it.")
    private boolean dryRun;

    @Override
    public Integer call() {
        FeatureStoreConfig config = larder.config();
        Repository repository;
        try (FileRegistry registry = FileRegistry.open(config)) {
            repository = registry.read().repository(config.project());
        }
        EntityToDelete found = EntityToDelete.of(repository, entity, view, config.entityKeyVersion());
        List<String> held = new ArrayList<>();
        int asked = 0;
        try (OnlineStore store = OnlineStores.open(config)) {
            for (Map.Entry<ByteBuffer, List<FeatureView>> views : found.views().entrySet()) {
                held.addAll(delete(store, views.getKey().array(), views.getValue()));
                asked += views.getValue().size();
            }
        }
        print(held, asked);
        return 0;
    }

    private List<String> delete(OnlineStore store, byte[] key, List<FeatureView> views) {
        if (dryRun) {
            return store.holders(views, key);
        }
        return view == null ? store.deleteEverywhere(views, key) : store.delete(views, key);
    }

    private void print(List<String> held, int asked) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        String name = String.join(", ", entity);
        if (held.isEmpty()) {
            out.printf("  %s is in none of %d feature view%s%n", name, asked, asked == 1 ? "" : "s");
        } else {
            out.printf(
                    "  %s %s %d of %d feature view%s: %s%n",
                    name,
                    dryRun ? "is in" : "is removed from",
                    held.size(),
                    asked,
                    asked == 1 ? "" : "s",
                    String.join(", ", held));
        }
        if (!dryRun && !held.isEmpty()) {
            out.println(
                    "  The offline tables keep its rows. It comes back when a row of it is new or corrected, or when the store is filled anew.");
        }
        out.flush();
    }
}
