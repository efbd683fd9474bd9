package org.bybert.job.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.bybert.encoder.ByBert;
import org.bybert.job.data.Columns;
import org.bybert.job.data.DataSet;
import org.bybert.job.data.DataSet.Examples;
import org.bybert.job.data.JobSession;
import org.bybert.job.data.Reading;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.terminal.ByteProgress;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Interruption;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.Texts;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.masked.MaskedWordSettings;
import org.bybert.udf.masked.MaskedWordTask;
import picocli.CommandLine.Help.Ansi;

/**
 * One run of {@code bybert evaluate}: read the sets, score every row, write predictions, aggregate, report.
 *
 * @param seeds     of the masks, one after the other in place of that of the settings
 * @param cntBytes  longest text of the results within the training length; null for the model's own, 0 for none
 * @param out       folder for the results, or null
 * @param overwrite whether results in it are replaced
 * @param format    of what is printed
 */
public record Evaluation(
        ModelReference reference,
        List<DataSet> sets,
        Columns columns,
        Reading reading,
        MaskedWordSettings settings,
        List<Long> seeds,
        Integer cntBytes,
        String out,
        boolean overwrite,
        EvaluationTable.Format format,
        Terminal terminal) {

    /** Partitions per core: rows differ in length, and small partitions keep the last ones short. */
    private static final int PARTITIONS_PER_CORE = 4;

    static final String SEED = "seed";

    /**
     * The accuracies that {@code bybert evaluate} prints, by a session that is there already, e.g. in a notebook. What it
     * remarks goes to standard error.
     *
     * @param arguments as on the command line, {@code "--model", "/models/100m", "--data", "wiki=a_view"}; what Spark is to
     *                  do is the session's matter
     * @return a line for each set, its texts ({@code cnt} or {@code all}), seed and unit: {@code set}, {@code texts},
     *     {@code seed}, {@code examples} scored, {@code excluded}, {@code failed}, {@code unit}, {@code masked},
     *     {@code correct}, the {@code accuracy} as a share with its 95 % interval from {@code low} to {@code high} (null where
     *     there is none), and the {@code published} figure in percent or null
     * @throws org.bybert.job.terminal.UserError where model, data or settings are not as expected
     */
    public static Dataset<Row> of(SparkSession spark, String... arguments) {
        JobSession.check(spark);
        Evaluation evaluation = EvaluateCommand.parse(arguments);
        EvaluationReport report = evaluation.report(spark, evaluation.resolve(), evaluation.settings.resolve());
        return spark.createDataFrame(report.table().rows(), EvaluationTable.SCHEMA);
    }

    /** Exit code: 0 where every set has a result, 1 where no row of some set could be scored. */
    int run() {
        // All that can be wrong with the model and the dictionary is known before Spark starts, unless Spark has to
        // bring them.
        ModelReference early = reference.comesWithJob() ? null : resolve();
        MaskedWordSettings fixed = settings.segmenter().comesWithJob() ? settings : settings.resolve();
        SparkSession spark = JobSession.start("bybert evaluate", Map.of(), terminal);
        Interruption interruption = new Interruption(
                terminal,
                () -> out == null ? "run the same command again" : "run the same command again with --overwrite");
        try {
            return report(spark, early == null ? resolve() : early, fixed.resolve())
                            .isComplete()
                    ? 0
                    : 1;
        } finally {
            interruption.close();
            spark.stop();
        }
    }

    private EvaluationReport report(SparkSession spark, ModelReference model, MaskedWordSettings fixed) {
        try {
            return run(spark, model, fixed.of(longest(model)));
        } catch (Exception e) {
            // Spark throws SparkException without declaring it.
            RuntimeException known = Failure.ofReading(e, "--data: a row cannot be read: ");
            if (known != null) {
                throw known;
            }
            throw e;
        }
    }

    private ModelReference resolve() {
        return ModelOptions.resolveForMasks(reference, terminal);
    }

    private EvaluationReport run(SparkSession spark, ModelReference model, MaskedWordSettings fixed) {
        terminal.remark("measuring the input");
        Map<String, Examples> examples = new LinkedHashMap<>();
        sets.forEach(set -> examples.put(set.name(), set.read(spark, columns, reading)));
        ResultFolder folder = out == null
                ? null
                : ResultFolder.prepare(out, overwrite, spark.sparkContext().hadoopConfiguration());
        Map<String, Row> keys = union(examples, Examples::keys)
                .groupBy("set")
                .agg(count(lit(1)), count(col("id")).minus(count_distinct(col("id"))), sum("bytes"))
                .collectAsList()
                .stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row));
        long rows = keys.values().stream().mapToLong(row -> row.getLong(1)).sum();
        long bytes = keys.values().stream().mapToLong(row -> row.getLong(3)).sum();
        BatchMetrics counters = BatchMetrics.register(spark);
        Map<String, Long> duplicateIds = new HashMap<>();
        keys.forEach((set, row) -> duplicateIds.put(set, row.getLong(2)));
        int longest = cntBytes == null ? trainingLength(model) : cntBytes;
        int cnt = longest > fixed.maxBytes() ? 0 : longest;
        Dataset<Row> read = spread(union(examples, Examples::rows));
        if (seeds.size() > 1) {
            read.persist(StorageLevel.MEMORY_AND_DISK());
        }
        Dataset<Row> predictions = predictions(read, model, fixed, counters).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            Map<Long, List<SetMetrics>> metrics = metrics(predictions, counters, rows, bytes, duplicateIds, cnt);
            Collection<ExecutorReport> executors = counters.reports();
            Map<String, Columns> used = new HashMap<>();
            examples.forEach((set, found) -> used.put(set, found.used()));
            EvaluationReport report =
                    new EvaluationReport(model, sets, used, fixed, cnt, metrics, executors, spark.version());
            report.print(terminal, format);
            if (folder != null) {
                // Comes after the table, which a disk that is full by now must not take with it.
                terminal.remark("writing the report");
                ObjectNode json = SmallFile.MAPPER.valueToTree(report.json());
                String page = ReportPage.of(json, predictions);
                folder.write(predictions, report.text(Ansi.OFF), page, json);
                terminal.remark("results written to " + out);
            }
            return report;
        } finally {
            // A session that goes on keeps nothing.
            predictions.unpersist();
            read.unpersist();
        }
    }

    /** Bytes of the longest text that the model reads, beside the tokens that are added to every text. */
    private static int longest(ModelReference model) {
        ByBert.Description checked = model.check();
        return checked.config().maxPositionEmbeddings() - checked.tokenizer().addedTokens();
    }

    /** What the model was trained on, in tokens; a byte is one. */
    static int trainingLength(ModelReference model) {
        return model.preset() == null || model.preset().isNone()
                ? model.check().config().maxPositionEmbeddings()
                : model.preset().trainingLength();
    }

    /** With the column {@code seed} where there are several. */
    private Dataset<Row> predictions(
            Dataset<Row> examples, ModelReference model, MaskedWordSettings fixed, BatchMetrics counters) {
        return seeds.stream()
                .map(seed -> {
                    Dataset<Row> one = examples.mapPartitions(
                            MaskedWordTask.onPartitions(model, fixed.withSeed(seed), counters),
                            Encoders.row(MaskedWordTask.schema(fixed)));
                    return seeds.size() == 1 ? one : one.withColumn(SEED, lit(seed));
                })
                .reduce(Dataset::union)
                .orElseThrow();
    }

    /** By seed, in the order of the sets. */
    private Map<Long, List<SetMetrics>> metrics(
            Dataset<Row> predictions,
            BatchMetrics counters,
            long rows,
            long bytes,
            Map<String, Long> duplicateIds,
            int cnt) {
        terminal.remark("scoring " + Texts.rows(rows) + " of "
                + String.join(", ", sets.stream().map(DataSet::name).toList())
                + (seeds.size() == 1 ? "" : ", each with " + seeds.size() + " seeds"));
        try (ByteProgress progress = new ByteProgress(terminal, counters.bytes().id(), bytes * seeds.size())) {
            progress.listenTo(predictions.sparkSession().sparkContext());
            Map<Long, List<SetMetrics>> metrics = new LinkedHashMap<>();
            List<String> order = order();
            for (long seed : seeds) {
                Dataset<Row> own = seeds.size() == 1
                        ? predictions
                        : predictions.filter(col(SEED).equalTo(seed));
                metrics.put(
                        seed,
                        SetMetrics.of(own, seed, duplicateIds, cnt).stream()
                                .sorted(Comparator.comparingInt(set -> order.indexOf(set.set())))
                                .toList());
            }
            return metrics;
        }
    }

    private List<String> order() {
        return sets.stream().map(DataSet::name).toList();
    }

    private static Dataset<Row> union(Map<String, Examples> examples, Function<Examples, Dataset<Row>> part) {
        return examples.values().stream().map(part).reduce(Dataset::unionByName).orElseThrow();
    }

    private static Dataset<Row> spread(Dataset<Row> examples) {
        int cores = examples.sparkSession().sparkContext().defaultParallelism();
        int partitions = Math.max(examples.javaRDD().getNumPartitions(), PARTITIONS_PER_CORE * cores);
        return examples.repartition(partitions);
    }
}
