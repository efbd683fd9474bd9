package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.bybert.udf.masked.MaskedWordTask;

/**
 * Results of one evaluation set; as JSON under the names of the components.
 *
 * @param rows         rows read
 * @param scored       rows that entered the accuracies
 * @param excluded     rows left out for their length ({@code --max-bytes})
 * @param duplicateIds rows whose id another row of the set has, beyond the first; rows that bring none have hashes
 * @param failures     rows that could not be scored, by kind of error
 * @param units        accuracy per masked unit
 * @param bytes        accuracy per masked byte
 * @param cnt          the same of the texts within the model's training length, as {@code --max-bytes} would leave
 *                     them; null where that is not asked for
 * @param passes       what several passes fill in; null where there is one
 */
@JsonPropertyOrder({"set", "rows", "scored", "excluded", "failed"})
public record SetMetrics(
        String set,
        long rows,
        long scored,
        long excluded,
        long duplicateIds,
        SortedMap<String, Long> failures,
        Accuracy units,
        Accuracy bytes,

        @JsonInclude(JsonInclude.Include.NON_NULL) @JsonIgnoreProperties("set")
        SetMetrics cnt,

        @JsonInclude(JsonInclude.Include.NON_NULL) Passes passes) {

    /**
     * What several passes fill in.
     *
     * @param rows  rows that the model read in all passes; one pass reads {@link SetMetrics#scored}
     * @param units accuracy per masked unit
     * @param bytes accuracy per masked byte
     */
    public record Passes(long rows, Accuracy units, Accuracy bytes) {}

    /**
     * A share of correct predictions with its 95 % confidence interval, from {@code low} to {@code high}; both are NaN
     * where there was none to make.
     *
     * @param masked  number of predictions
     * @param correct number of correct predictions
     */
    public record Accuracy(
            long masked,
            long correct,
            @JsonIgnore double low,
            @JsonIgnore double high) {

        /** Null where there was none to make. */
        @JsonProperty
        public Double accuracy() {
            return masked == 0 ? null : (Double) ((double) correct / masked);
        }

        /** Null also where it would be over {@link #FEW} examples or fewer. */
        @JsonProperty
        double[] ci95() {
            return masked == 0 || Double.isNaN(low) ? null : new double[] {low, high};
        }

        private static Accuracy ofUnits(Row row) {
            return of(row, "words", "correctWords", "wordLow", "wordHigh");
        }

        private static Accuracy ofBytes(Row row) {
            return of(row, "bytes", "correctBytes", "byteLow", "byteHigh");
        }

        static Accuracy of(Row row, String masked, String correct, String low, String high) {
            boolean few = row.<Long>getAs("scored") <= FEW;
            return new Accuracy(
                    row.getAs(masked),
                    row.getAs(correct),
                    few ? Double.NaN : row.<Double>getAs(low),
                    few ? Double.NaN : row.<Double>getAs(high));
        }
    }

    private static final String PASSES = "passes";

    /** Of so few examples resamples say nothing. */
    public static final int FEW = 3;

    /** Whether the intervals have no meaning. */
    @JsonIgnore
    public boolean isFew() {
        return scored > 0 && scored <= FEW;
    }

    @JsonProperty
    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * The results of each set in the table of predictions.
     *
     * @param predictions  rows of {@link MaskedWordTask#SCHEMA}
     * @param seed         of the bootstrap
     * @param duplicateIds by set, see {@link #duplicateIds}; none where a set is missing
     * @param cntBytes     longest text that enters {@link #cnt}, in bytes; 0 for no such results
     */
    public static List<SetMetrics> of(
            Dataset<Row> predictions, long seed, Map<String, Long> duplicateIds, int cntBytes) {
        Map<String, SetMetrics> cnt = new HashMap<>();
        if (cntBytes > 0) {
            of(upTo(cntBytes, predictions), seed, duplicateIds, Map.of()).forEach(set -> cnt.put(set.set, set));
        }
        return of(predictions, seed, duplicateIds, cnt);
    }

    /** The predictions that there would be, had longer examples been left out. */
    private static Dataset<Row> upTo(int bytes, Dataset<Row> predictions) {
        Column isLonger = coalesce(col("n_bytes").gt(bytes), lit(false));
        return predictions
                .withColumn("status", when(isLonger, MaskedWordTask.EXCLUDED).otherwise(col("status")))
                .withColumn("spans", when(not(isLonger), col("spans")))
                .withColumn("error", when(not(isLonger), col("error")));
    }

    private static List<SetMetrics> of(
            Dataset<Row> predictions, long seed, Map<String, Long> duplicateIds, Map<String, SetMetrics> cnt) {
        Map<String, SortedMap<String, Long>> failures = failures(predictions);
        Map<String, Passes> passes = Arrays.asList(predictions.columns()).contains(PASSES)
                ? counted(filled(predictions), seed).collectAsList().stream()
                        .collect(Collectors.toMap(
                                row -> row.getAs("set"),
                                row -> new Passes(
                                        row.<Long>getAs(PASSES), Accuracy.ofUnits(row), Accuracy.ofBytes(row))))
                : Map.of();
        return counted(predictions, seed).orderBy("set").collectAsList().stream()
                .map(row -> new SetMetrics(
                        row.getAs("set"),
                        row.<Long>getAs("rows"),
                        row.<Long>getAs("scored"),
                        row.<Long>getAs("excluded"),
                        duplicateIds.getOrDefault(row.<String>getAs("set"), 0L),
                        failures.getOrDefault(row.<String>getAs("set"), new TreeMap<>()),
                        Accuracy.ofUnits(row),
                        Accuracy.ofBytes(row),
                        cnt.get(row.<String>getAs("set")),
                        passes.get(row.<String>getAs("set"))))
                .toList();
    }

    /** The predictions that several passes make. */
    private static Dataset<Row> filled(Dataset<Row> predictions) {
        return predictions.withColumn(
                "spans",
                expr("transform(spans, s -> named_struct('start', s.start, 'end', s.`end`, 'correct', "
                        + "s.filled_correct_bytes = s.`end` - s.start, 'correct_bytes', s.filled_correct_bytes))"));
    }

    private static Dataset<Row> counted(Dataset<Row> predictions, long seed) {
        boolean severalPasses = Arrays.asList(predictions.columns()).contains(PASSES);
        Column scored = col("status").equalTo(MaskedWordTask.SCORED);
        return predictions
                .groupBy("set")
                .agg(
                        count(lit(1)).as("rows"),
                        count(when(scored, 1)).as("scored"),
                        count(when(col("status").equalTo(MaskedWordTask.EXCLUDED), 1))
                                .as("excluded"),
                        // Rows that are left out for their length have been read all the same.
                        coalesce(sum(when(scored, severalPasses ? col(PASSES) : lit(1))), lit(0L))
                                .as(PASSES))
                .join(accuracies(predictions, seed), "set");
    }

    /** Rows that are not scored add nothing. */
    private static Dataset<Row> accuracies(Dataset<Row> predictions, long seed) {
        Column interval = Bootstrap.over(seed);
        return predictions
                .withColumn("spans", expr("coalesce(spans, array())"))
                .select(
                        col("set"),
                        col("id"),
                        expr("CAST(size(spans) AS BIGINT)").as("words"),
                        expr("CAST(size(filter(spans, s -> s.correct)) AS BIGINT)")
                                .as("correctWords"),
                        expr("aggregate(spans, 0L, (n, s) -> n + s.`end` - s.start)")
                                .as("bytes"),
                        expr("aggregate(spans, 0L, (n, s) -> n + s.correct_bytes)")
                                .as("correctBytes"))
                .groupBy("set")
                .agg(
                        sum("words").as("words"),
                        sum("correctWords").as("correctWords"),
                        sum("bytes").as("bytes"),
                        sum("correctBytes").as("correctBytes"),
                        interval.as("ci"))
                .select("set", "words", "correctWords", "bytes", "correctBytes", "ci.*");
    }

    private static Map<String, SortedMap<String, Long>> failures(Dataset<Row> predictions) {
        Map<String, SortedMap<String, Long>> failures = new HashMap<>();
        predictions
                .filter(col("error").isNotNull())
                .groupBy(col("set"), substring_index(col("error"), ":", 1).as("kind"))
                .count()
                .collectAsList()
                .forEach(row -> failures.computeIfAbsent(row.getAs("set"), s -> new TreeMap<>())
                        .put(row.getAs("kind"), row.getAs("count")));
        return failures;
    }
}
