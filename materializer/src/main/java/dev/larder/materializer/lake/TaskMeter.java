package dev.larder.materializer.lake;

import dev.larder.progress.Progress;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import scala.jdk.javaapi.CollectionConverters;

/** Moves a step's display while Spark's tasks count rows in {@link #counter}. */
public final class TaskMeter extends SparkListener implements AutoCloseable {
    private final SparkSession spark;
    private final Progress.Step step;
    private final LongAccumulator counter;
    /** Counts of running tasks as last reported, by task. */
    private final Map<Long, Long> running = new HashMap<>();

    private long finished;
    private long shown;

    private TaskMeter(SparkSession spark, Progress.Step step, LongAccumulator counter) {
        this.spark = spark;
        this.step = step;
        this.counter = counter;
    }

    public static TaskMeter start(SparkSession spark, Progress.Step step) {
        TaskMeter meter = new TaskMeter(spark, step, spark.sparkContext().longAccumulator());
        spark.sparkContext().addSparkListener(meter);
        return meter;
    }

    /** To be counted up by tasks, one per row. */
    public LongAccumulator counter() {
        return counter;
    }

    /** Brings the display to the exact count. */
    public synchronized void total(long rows) {
        show(rows);
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
        running.remove(event.taskInfo().taskId());
        for (AccumulableInfo info : CollectionConverters.asJava(event.taskInfo().accumulables())) {
            finished += count(info);
        }
        show(sum());
    }

    @Override
    public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
        CollectionConverters.asJava(event.accumUpdates()).forEach(task -> {
            for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
                long count = count(info);
                if (count > 0) {
                    running.put((Long) task._1(), count);
                }
            }
        });
        show(sum());
    }

    @Override
    public void close() {
        spark.sparkContext().removeSparkListener(this);
    }

    private long count(AccumulableInfo info) {
        return info.id() == counter.id()
                        && info.update().isDefined()
                        && info.update().get() instanceof Long count
                ? count
                : 0;
    }

    private long sum() {
        return finished + running.values().stream().mapToLong(Long::longValue).sum();
    }

    private void show(long rows) {
        if (rows > shown) {
            step.add(rows - shown);
            shown = rows;
        }
    }
}
