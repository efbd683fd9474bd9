package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_distinct;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udaf;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.bybert.udf.masked.PredictionRows;

/**
 * Results of one evaluation set.
 *
 * @param rows         rows read
 * @param scored       rows that entered the accuracies
 * @param excluded     rows left out for their length ({@code --max-bytes})
 * @param duplicateIds rows whose id another row of the set has, beyond the first
 * @param failures     rows that could not be scored, by kind of error
 * @param words        accuracy per masked unit
 * @param bytes        accuracy per masked byte
 */
public record SetMetrics(
        String set, long rows, long scored, long excluded, long duplicateIds,
        SortedMap<String, Long> failures, Accuracy words, Accuracy bytes) {

    /**
     * A share of correct predictions with its 95 % confidence interval; all three are NaN where there was none to make.
     *
     * @param correct number of correct predictions
     * @param total   number of predictions
     */
    public record Accuracy(long correct, long total, double low, double high) {

        public double value() {
            return total == 0 ? Double.NaN : (double) correct / total;
        }
    }

    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * The results of each set in the table of predictions.
     *
     * @param predictions rows of {@link PredictionRows#SCHEMA}
     * @param seed        of the bootstrap
     */
    public static List<SetMetrics> of(Dataset<Row> predictions, long seed) {
        Map<String, Row> accuracies = bySet(accuracies(predictions, seed));
        Map<String, SortedMap<String, Long>> failures = failures(predictions);
        List<SetMetrics> metrics = new ArrayList<>();
        Dataset<Row> counts = predictions.groupBy("set").agg(
                count(lit(1)).as("rows"),
                count(when(col("status").equalTo(PredictionRows.SCORED), 1)).as("scored"),
                count(when(col("status").equalTo(PredictionRows.EXCLUDED), 1)).as("excluded"),
                count(lit(1)).minus(count_distinct(col("id"))).as("duplicates"));
        for (Row row : counts.orderBy("set").collectAsList()) {
            String set = row.getAs("set");
            Row accuracy = accuracies.get(set);
            metrics.add(new SetMetrics(set, row.<Long>getAs("rows"), row.<Long>getAs("scored"),
                    row.<Long>getAs("excluded"), row.<Long>getAs("duplicates"),
                    failures.getOrDefault(set, new TreeMap<>()),
                    accuracy(accuracy, "words", "correctWords", "ci.wordLow", "ci.wordHigh"),
                    accuracy(accuracy, "bytes", "correctBytes", "ci.byteLow", "ci.byteHigh")));
        }
        return metrics;
    }

    private static Dataset<Row> accuracies(Dataset<Row> predictions, long seed) {
        Column interval = udaf(new Bootstrap(seed), Encoders.row(Bootstrap.EXAMPLE))
                .apply(Arrays.stream(Bootstrap.EXAMPLE.fieldNames()).map(functions::col).toArray(Column[]::new));
        return predictions.filter(col("status").equalTo(PredictionRows.SCORED))
                .select(col("set"), col("id"),
                        expr("CAST(size(spans) AS BIGINT)").as("words"),
                        expr("CAST(size(filter(spans, s -> s.correct)) AS BIGINT)").as("correctWords"),
                        expr("aggregate(spans, 0L, (n, s) -> n + s.end - s.start)").as("bytes"),
                        expr("aggregate(spans, 0L, (n, s) -> n + s.correct_bytes)").as("correctBytes"))
                .groupBy("set")
                .agg(sum("words").as("words"), sum("correctWords").as("correctWords"), sum("bytes").as("bytes"),
                        sum("correctBytes").as("correctBytes"), interval.as("ci"))
                .select(col("set"), col("words"), col("correctWords"), col("bytes"), col("correctBytes"),
                        col("ci.wordLow").as("ci.wordLow"), col("ci.wordHigh").as("ci.wordHigh"),
                        col("ci.byteLow").as("ci.byteLow"), col("ci.byteHigh").as("ci.byteHigh"));
    }

    private static Map<String, Row> bySet(Dataset<Row> rows) {
        Map<String, Row> bySet = new HashMap<>();
        rows.collectAsList().forEach(row -> bySet.put(row.getAs("set"), row));
        return bySet;
    }

    private static Map<String, SortedMap<String, Long>> failures(Dataset<Row> predictions) {
        Map<String, SortedMap<String, Long>> failures = new HashMap<>();
        predictions.filter(col("error").isNotNull())
                .groupBy(col("set"), substring_index(col("error"), ":", 1).as("kind")).count()
                .collectAsList()
                .forEach(row -> failures.computeIfAbsent(row.getAs("set"), s -> new TreeMap<>())
                        .put(row.getAs("kind"), row.getAs("count")));
        return failures;
    }

    private static Accuracy accuracy(Row row, String total, String correct, String low, String high) {
        return row == null ? new Accuracy(0, 0, Double.NaN, Double.NaN)
                : new Accuracy(row.getAs(correct), row.getAs(total), row.getAs(low), row.getAs(high));
    }
}
