package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;

/** Spark in this JVM with some task slots; stopped when closed. */
final class LocalSpark implements AutoCloseable {

    /** Parts of a table; enough for four slots to end together. */
    private static final int PARTS = 8;

    private static final String TIMED = "bybert.bench.timed";

    private final SparkSession spark;
    private final CoreTime coreTime = new CoreTime();

    /** Sums what the tasks of the timed stages spent on a core. */
    private static final class CoreTime extends SparkListener {

        private final Set<Integer> stages = new HashSet<>();
        private long nanos;

        @Override
        public void onStageSubmitted(SparkListenerStageSubmitted stage) {
            if (stage.properties() != null && stage.properties().getProperty(TIMED) != null) {
                stages.add(stage.stageInfo().stageId());
            }
        }

        @Override
        public void onTaskEnd(SparkListenerTaskEnd task) {
            if (stages.contains(task.stageId())) {
                nanos += task.taskMetrics().executorCpuTime();
            }
        }
    }

    LocalSpark(int slots) {
        // Each file of a table becomes a task: it costs as much to open as a task may read.
        spark = SparkSession.builder().appName("bybert bench spark").master("local[" + slots + ']')
                .config("spark.ui.enabled", false)
                .config("spark.ui.showConsoleProgress", false)
                .config("spark.sql.files.maxPartitionBytes", 1 << 26)
                .config("spark.sql.files.openCostInBytes", 1 << 26)
                .getOrCreate();
        spark.sparkContext().addSparkListener(coreTime);
    }

    /** Writes texts as a Parquet table of {@link #PARTS} files, in their order. */
    void write(List<String> texts, String folder) {
        for (List<String> part : parts(texts)) {
            spark.createDataset(part, Encoders.STRING()).toDF("text").coalesce(1)
                    .write().mode("append").parquet(folder);
        }
    }

    /** The texts of each task. */
    static List<List<String>> parts(List<String> texts) {
        int part = (texts.size() + PARTS - 1) / PARTS;
        List<List<String>> parts = new ArrayList<>();
        for (int start = 0; start < texts.size(); start += part) {
            parts.add(texts.subList(start, Math.min(start + part, texts.size())));
        }
        return parts;
    }

    /** Reads a table, embeds its texts and drops the result. */
    void embed(String folder, ModelReference reference, BatchOptions options) {
        Dataset<Row> texts = spark.read().parquet(folder);
        BatchMetrics metrics = BatchMetrics.register(spark.sparkContext());
        texts.mapPartitions(BatchPartition.embed(reference, options,
                        BatchPartition.textIndex(texts.schema(), "text"), metrics),
                        Encoders.row(BatchPartition.schema(texts.schema(), BatchPartition.EMBEDDING)))
                .write().format("noop").mode("overwrite").save();
        if (!metrics.errors().isZero() || metrics.duplicates().value() > 0) {
            throw new UserError("the benchmark's sentences must all be computed, but: " + metrics.toMap());
        }
    }

    /** Seconds by the clock that {@link #embed} takes. */
    double time(String folder, ModelReference reference, BatchOptions options) {
        spark.sparkContext().setLocalProperty(TIMED, "true");
        long start = System.nanoTime();
        embed(folder, reference, options);
        double seconds = (System.nanoTime() - start) / 1e9;
        spark.sparkContext().setLocalProperty(TIMED, null);
        return seconds;
    }

    /** Seconds that the tasks of {@link #time} were on a core; asked for once this is closed, when all have reported. */
    double coreSeconds() {
        return coreTime.nanos / 1e9;
    }

    @Override
    public void close() {
        spark.stop();
    }
}
