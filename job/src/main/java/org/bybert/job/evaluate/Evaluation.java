package org.bybert.job.evaluate;

import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.bybert.job.UserError;
import org.bybert.job.data.Columns;
import org.bybert.job.data.DataReader;
import org.bybert.job.data.DataSet;
import org.bybert.job.metrics.Metrics;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.masked.MaskedWordSettings;
import org.bybert.udf.masked.MaskedWordTask;
import org.bybert.udf.masked.PredictionRows;

/** One run of {@code bybert evaluate}: read the sets, score every row, write predictions, aggregate, report. */
final class Evaluation {

    /** Partitions per core: rows differ in length, and small partitions keep the last ones short. */
    private static final int PARTITIONS_PER_CORE = 4;

    private final ModelReference reference;
    private final List<DataSet> sets;
    private final Columns columns;
    private final MaskedWordSettings settings;
    private final String out;
    private final boolean overwrite;

    Evaluation(ModelReference reference, List<DataSet> sets, Columns columns, MaskedWordSettings settings, String out,
               boolean overwrite) {
        this.reference = reference;
        this.sets = sets;
        this.columns = columns;
        this.settings = settings;
        this.out = out;
        this.overwrite = overwrite;
    }

    /** Exit code: 0 where every set has a result, 1 where no row of some set could be scored. */
    int run() {
        // All that can be wrong with the model is known before Spark starts, unless Spark itself has to bring it.
        ModelReference early = reference.comesWithJob() ? null : resolve();
        SparkSession spark = SparkSession.builder().appName("bybert evaluate").getOrCreate();
        try {
            return run(spark, early == null ? resolve() : early);
        } finally {
            spark.stop();
        }
    }

    private ModelReference resolve() {
        ModelReference resolved = reference.resolve();
        resolved.check().tokenizer().maskId();
        return resolved;
    }

    private int run(SparkSession spark, ModelReference model) {
        Dataset<Row> examples = spread(examples(spark));
        ResultFolder folder = out == null ? null : ResultFolder.prepare(out, overwrite,
                spark.sparkContext().hadoopConfiguration());
        BatchMetrics counters = BatchMetrics.register(spark.sparkContext());
        Dataset<Row> predictions = examples
                .mapPartitions(MaskedWordTask.onPartitions(model, settings, counters), Encoders.row(PredictionRows.SCHEMA))
                .persist(StorageLevel.MEMORY_AND_DISK());
        if (folder != null) {
            predictions.write().partitionBy("set").parquet(folder.predictions());
        }
        List<SetMetrics> metrics = Metrics.of(predictions, settings.seed());
        Collection<ExecutorReport> executors = counters.executors().value().values();
        requireOneModel(model, executors);
        if (folder != null) {
            folder.writeMetrics(MetricsJson.of(model, sets, settings, metrics, executors));
        }
        Report.print(model, settings, metrics, executors, out);
        return metrics.stream().allMatch(set -> set.scored() > 0) ? 0 : 1;
    }

    private static void requireOneModel(ModelReference model, Collection<ExecutorReport> executors) {
        List<ExecutorReport> others = executors.stream()
                .filter(executor -> !model.fingerprint().equals(executor.fingerprint())).toList();
        if (!others.isEmpty()) {
            throw new UserError("executors opened other models than the driver's, " + model.fingerprint() + ": " + others);
        }
    }

    private Dataset<Row> examples(SparkSession spark) {
        DataReader reader = new DataReader(spark, columns);
        return sets.stream().map(reader::read).reduce(Dataset::unionByName).orElseThrow();
    }

    private static Dataset<Row> spread(Dataset<Row> examples) {
        int cores = examples.sparkSession().sparkContext().defaultParallelism();
        int partitions = Math.max(examples.javaRDD().getNumPartitions(), PARTITIONS_PER_CORE * cores);
        return examples.repartition(partitions);
    }
}
