package dev.larder.materializer.online;

import dev.larder.onlinestore.OnlineStore;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;

/** The entity keys of a view that the online store holds, read by a task, so that they are never all in memory. */
final class StoredKeys implements MapPartitionsFunction<Long, byte[]> {
    private static final long serialVersionUID = 1L;

    private final OnlineStores stores;
    private final String view;

    private StoredKeys(OnlineStores stores, String view) {
        this.stores = stores;
        this.view = view;
    }

    /** A key may come twice. */
    static Dataset<byte[]> read(SparkSession spark, OnlineStores stores, String view) {
        return spark.range(0, 1, 1, 1).mapPartitions(new StoredKeys(stores, view), Encoders.BINARY());
    }

    @Override
    public Iterator<byte[]> call(Iterator<Long> unused) {
        OnlineStore store = stores.open();
        TaskCompletionListener atTheEnd = task -> store.close();
        TaskContext.get().addTaskCompletionListener(atTheEnd);
        return store.keys(view).iterator();
    }
}
