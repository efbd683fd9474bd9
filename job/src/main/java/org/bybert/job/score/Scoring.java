package org.bybert.job.score;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.bybert.job.terminal.Texts.count;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.job.data.Columns;
import org.bybert.job.data.JobSession;
import org.bybert.job.data.Source;
import org.bybert.job.data.SourceTable;
import org.bybert.job.terminal.ByteProgress;
import org.bybert.job.terminal.Failure;
import org.bybert.job.terminal.Interruption;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.SmallFile;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.Texts;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.masked.ScoreTask;
import org.bybert.udf.masked.TextScore;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One run of {@code bybert score}: number the rows, score their texts, print or write them, count.
 *
 * @param columns where the text and the id are
 * @param pairs   the two columns of sentences that are compared; empty where texts are scored by themselves
 * @param methods one, or with pairs one after the other
 * @param rank    whether the most probable text comes first
 * @param output  folder for the table, or null
 */
record Scoring(
        ModelReference reference,
        Source input,
        Columns columns,
        List<String> pairs,
        List<Method> methods,
        BatchOptions options,
        boolean rank,
        String output,
        OutputFormat format,
        Terminal terminal) {

    enum OutputFormat {
        PARQUET,
        ORC,
        JSONL
    }

    /** How texts are scored. */
    record Method(ScoreMethod method, Unit unit, SegmenterReference segmenter) implements Serializable {

        Method resolve() {
            return unit == Unit.WORD ? new Method(method, unit, segmenter.resolve()) : this;
        }
    }

    private static final int PARTITIONS_PER_CORE = 4;

    static final String TEXT = "text";
    static final String GOOD = "good";
    static final String BAD = "bad";
    static final String ROW = "row";
    /** Before the name of a column of texts: why a row has none. */
    private static final String PROBLEM = "_problem_";

    private static final StructType SCORE = new StructType()
            .add("score", DataTypes.DoubleType, true)
            .add("perplexity", DataTypes.DoubleType, true)
            .add("logprob", DataTypes.DoubleType, true)
            .add("n_chars", DataTypes.IntegerType, true)
            .add("n_bytes", DataTypes.IntegerType, true)
            .add("truncated", DataTypes.BooleanType, false)
            .add("error", DataTypes.StringType, true);

    private List<String> texts() {
        return pairs.isEmpty() ? List.of(TEXT) : List.of(GOOD, BAD);
    }

    /** Exit code: 0, or 1 where no row could be scored. */
    int run() {
        // All that can be wrong with the model and the dictionary is known before Spark starts, unless Spark has to
        // bring them.
        ModelReference early = reference.comesWithJob() ? null : ModelOptions.resolveForMasks(reference, terminal);
        List<Method> fixed = methods.stream()
                .map(method -> method.segmenter().comesWithJob() ? method : method.resolve())
                .toList();
        SparkSession spark = JobSession.start("bybert score", Map.of(), terminal);
        Interruption interruption = new Interruption(terminal, () -> "run the same command again");
        try {
            ModelReference model = early == null ? ModelOptions.resolveForMasks(reference, terminal) : early;
            Path folder = output == null ? null : prepare(spark);
            return run(spark, model, fixed.stream().map(Method::resolve).toList(), folder);
        } catch (Exception | FSError e) {
            // Spark throws SparkException without declaring it, Hadoop's local file system an Error.
            throw Failure.ofFiles(e, input.where(), "--output: " + output, "");
        } finally {
            interruption.close();
            spark.stop();
        }
    }

    /** Before anything is computed. */
    private Path prepare(SparkSession spark) throws IOException {
        Path folder = new Path(output);
        FileSystem fileSystem = folder.getFileSystem(spark.sparkContext().hadoopConfiguration());
        if (fileSystem.exists(folder)
                && (!fileSystem.getFileStatus(folder).isDirectory() || fileSystem.listStatus(folder).length > 0)) {
            throw new UserError("--output: " + output + ": expected an empty folder or none, found "
                    + (fileSystem.getFileStatus(folder).isDirectory() ? "files in it" : "a file")
                    + "; name another one");
        }
        if (!fileSystem.mkdirs(folder)) {
            throw new UserError("--output: " + output + " cannot be made");
        }
        SmallFile.tryOut(fileSystem, folder);
        return folder;
    }

    private int run(SparkSession spark, ModelReference model, List<Method> fixed, Path folder) {
        terminal.remark("measuring the input");
        Dataset<Row> rows = rows(spark).persist(StorageLevel.MEMORY_AND_DISK());
        Column length = texts().stream()
                .map(text -> coalesce(octet_length(col(text)), lit(0)).cast(DataTypes.LongType))
                .reduce(Column::plus)
                .orElseThrow();
        Row size = rows.agg(count(lit(1)), coalesce(sum(length), lit(0L))).head();
        long all = size.getLong(0);
        terminal.remark(
                "scoring " + Texts.rows(all) + (fixed.size() == 1 ? "" : ", each with " + fixed.size() + " methods"));
        List<Dataset<Row>> scored = new ArrayList<>();
        BatchMetrics counters = BatchMetrics.register(spark);
        try (ByteProgress progress =
                new ByteProgress(terminal, counters.bytes().id(), size.getLong(1) * fixed.size())) {
            progress.listenTo(spark.sparkContext());
            for (Method method : fixed) {
                Dataset<Row> one = rows;
                for (String column : texts()) {
                    one = score(one, column, model, method, counters);
                }
                Dataset<Row> result = result(one, method).persist(StorageLevel.MEMORY_AND_DISK());
                scored.add(result);
                // Sorting looks at its rows twice.
                result.count();
            }
        }
        Dataset<Row> result = scored.stream().reduce(Dataset::union).orElseThrow();
        Dataset<Row> ordered =
                rank ? result.orderBy(col("score").desc_nulls_last(), col(ROW)) : result.orderBy(col(ROW));
        ScoreReport report = new ScoreReport(terminal);
        if (folder != null) {
            ordered.write()
                    .mode(SaveMode.Append)
                    .option("ignoreNullFields", false)
                    .format(format == OutputFormat.JSONL ? "json" : format.name())
                    .save(folder.toString());
        } else if (pairs.isEmpty()) {
            report.print(ordered.toLocalIterator());
        }
        long failed = report.failures(result);
        if (!pairs.isEmpty()) {
            report.print(fixed, scored);
        } else if (failed < all) {
            Row sums = result.agg(
                            sum("logprob"),
                            sum("n_chars"),
                            sum("n_bytes"),
                            sum(when(col("truncated"), 1).otherwise(0)))
                    .head();
            String summary = ScoreReport.summary(model, fixed.get(0), all - failed, sums);
            if (folder == null) {
                terminal.remark(summary);
            } else {
                terminal.print(summary);
            }
        }
        if (folder != null) {
            terminal.print(Texts.rows(all) + " written to " + output);
        }
        return failed < all ? 0 : 1;
    }

    /** {@code row}, {@code id} and for each column of texts the text and why there is none, spread over all cores. */
    private Dataset<Row> rows(SparkSession spark) {
        SourceTable table = SourceTable.open(spark, input);
        List<Column> selected = new ArrayList<>();
        selected.add(
                columns.id() == null
                        ? lit(null).cast(DataTypes.StringType).as("id")
                        : table.id(columns.id()).as("id"));
        for (int i = 0; i < texts().size(); i++) {
            Column text = pairs.isEmpty() ? table.text(columns) : table.text(new Columns(pairs.get(i), null, null));
            Column problem = table.problem(text);
            selected.add(when(problem.isNull(), text).as(texts().get(i)));
            selected.add(problem.as(PROBLEM + texts().get(i)));
        }
        Dataset<Row> read = table.rows().select(selected.toArray(Column[]::new));
        StructType schema = new StructType().add(ROW, DataTypes.LongType, false);
        StructType numbered = Stream.of(read.schema().fields()).reduce(schema, StructType::add, (a, b) -> a);
        int partitions = Math.max(
                read.javaRDD().getNumPartitions(),
                PARTITIONS_PER_CORE * spark.sparkContext().defaultParallelism());
        return spark.createDataFrame(
                        read.javaRDD().zipWithIndex().map(row -> {
                            List<Object> values = new ArrayList<>(List.of(row._2() + 1));
                            values.addAll(CollectionConverters.asJava(row._1().toSeq()));
                            return RowFactory.create(values.toArray());
                        }),
                        numbered)
                .repartition(partitions);
    }

    /** The rows with what is said of one column of texts; with pairs its name and _ begin the names of the new columns. */
    private Dataset<Row> score(
            Dataset<Row> rows, String column, ModelReference model, Method method, BatchMetrics counters) {
        BatchPartition<String, TextScore> partition = new BatchPartition<>(
                model,
                options,
                BatchPartition.text(rows.schema().fieldIndex(column)),
                counters,
                (encoder, texts) -> new ScoreTask(
                        encoder,
                        texts,
                        method.method(),
                        method.unit(),
                        Segmenter.of(method.unit(), method.segmenter())),
                score -> new Object[] {score});
        StructType schema = rows.schema();
        String prefix = pairs.isEmpty() ? "" : column + "_";
        for (var field : SCORE.fields()) {
            schema = schema.add(prefix + field.name(), field.dataType(), field.nullable());
        }
        return rows.mapPartitions(
                appending(partition, rows.schema().fieldIndex(PROBLEM + column)), Encoders.row(schema));
    }

    private static MapPartitionsFunction<Row, Row> appending(BatchPartition<String, TextScore> partition, int problem) {
        return rows -> partition.answers(rows, row -> row.getString(problem), (row, answer) -> {
            List<Object> values = new ArrayList<>(CollectionConverters.asJava(row.toSeq()));
            TextScore score = answer.value();
            values.addAll(Arrays.asList(
                    score == null ? null : score.mean(),
                    score == null ? null : score.perplexity(),
                    score == null ? null : score.logProbability(),
                    score == null ? null : score.characters(),
                    answer.bytes(),
                    answer.truncated(),
                    answer.error()));
            return RowFactory.create(values.toArray());
        });
    }

    private Dataset<Row> result(Dataset<Row> scored, Method method) {
        Dataset<Row> result = scored.drop(texts().stream().map(PROBLEM::concat).toArray(String[]::new));
        result = columns.id() == null ? result.drop("id") : result;
        return pairs.isEmpty()
                ? result
                : result.withColumn("method", lit(method.method().toString()))
                        .withColumn(
                                "error",
                                coalesce(
                                        concat(lit("good: "), col("good_error")),
                                        concat(lit("bad: "), col("bad_error"))));
    }
}
