package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.bybert.udf.masked.MaskedWordTask;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Two models on the same masks of one set: the difference of their accuracies, other less first, with a 95 % interval by
 * {@link Bootstrap} over the examples that both have scored (paired: each replicate draws the same examples for both).
 *
 * @param examples  that both have scored
 * @param units     masked units
 * @param unit      difference of the accuracies per unit
 * @param bytes     difference of the accuracies per byte
 * @param onlyFirst units that only the first model gets right
 * @param onlyOther units that only the other one gets right
 * @param words     units of which the numbers of those two differ most, the largest difference first
 */
public record Comparison(
        String set,
        long examples,
        long units,
        Difference unit,
        Difference bytes,
        long onlyFirst,
        long onlyOther,
        List<Word> words) {

    /**
     * A difference of shares, from -1 to 1, with its 95 % confidence interval.
     *
     * @param low null where there are too few examples for an interval, or none in common
     */
    public record Difference(double first, double other, Double low, Double high) {

        @JsonProperty
        public double difference() {
            return other - first;
        }

        /** In a word: {@code better} where the other model is. */
        @JsonProperty
        public String verdict() {
            return low == null ? "no interval" : low > 0 ? "better" : high < 0 ? "worse" : "no difference shown";
        }
    }

    /** How often one model alone gets a unit right. */
    public record Word(String gold, long onlyFirst, long onlyOther) {}

    private static final int SHOWN = 30;
    private static final String FIRST = "first_";
    private static final String OTHER = "other_";
    private static final String ONLY_FIRST = "CAST(p.first_spans.correct AND NOT p.other_spans.correct AS INT)";
    private static final String ONLY_OTHER = "CAST(p.other_spans.correct AND NOT p.first_spans.correct AS INT)";
    /** What is added over the pairs of units of an example. */
    private static final Map<String, String> SUMS = Map.of(
            "words", "1",
            "first", "CAST(p.first_spans.correct AS INT)",
            "other", "CAST(p.other_spans.correct AS INT)",
            "onlyFirst", ONLY_FIRST,
            "onlyOther", ONLY_OTHER,
            "bytes", "p.first_spans.`end` - p.first_spans.start",
            "otherBytes", "p.other_spans.`end` - p.other_spans.start",
            "firstCorrectBytes", "p.first_spans.correct_bytes",
            "otherCorrectBytes", "p.other_spans.correct_bytes");

    /**
     * Why two runs cannot be compared; null where they masked the same words of the same examples.
     *
     * @param first predictions, rows of {@link MaskedWordTask#SCHEMA} with the {@code seed} of their masks
     */
    public static String misfit(Dataset<Row> first, Dataset<Row> other) {
        Row counts = keyed(first, FIRST)
                .join(keyed(other, OTHER), keys(), "full_outer")
                .agg(
                        sum(expr("CAST(coalesce(first_n, 0) > coalesce(other_n, 0) AS BIGINT)")),
                        sum(expr("CAST(coalesce(other_n, 0) > coalesce(first_n, 0) AS BIGINT)")),
                        count(lit(1)))
                .first();
        long onlyFirst = counts.isNullAt(0) ? 0 : counts.getLong(0);
        long onlyOther = counts.isNullAt(1) ? 0 : counts.getLong(1);
        return counts.getLong(2) == 0
                ? "neither has scored an example"
                : onlyFirst + onlyOther == 0
                        ? null
                        : onlyFirst + " scored examples of the first and " + onlyOther
                                + " of the other are not in the one beside it, or have other words masked there";
    }

    private static Seq<String> keys() {
        return CollectionConverters.asScala(List.of("set", "seed", "id", "gold"))
                .toSeq();
    }

    /** Examples that several rows have are one, with their number; which words are masked is the same in any encoding. */
    private static Dataset<Row> keyed(Dataset<Row> predictions, String prefix) {
        return predictions
                .filter(col("status").equalTo(MaskedWordTask.SCORED))
                .groupBy(
                        col("set"),
                        col("seed"),
                        coalesce(col("id"), lit("")).as("id"),
                        expr("transform(spans, s -> s.gold)").as("gold"))
                .agg(
                        count(lit(1)).as(prefix + "n"),
                        expr("min_by(spans, to_json(spans))").as(prefix + "spans"));
    }

    /**
     * Of each set; the bootstrap draws an example with all of its seeds.
     *
     * @param seed of the bootstrap
     */
    public static List<Comparison> of(Dataset<Row> first, Dataset<Row> other, long seed) {
        Dataset<Row> pairs = keyed(first, FIRST)
                .join(keyed(other, OTHER), keys())
                .selectExpr("set", "id", "first_n AS n", "arrays_zip(first_spans, other_spans) AS pairs");
        Column interval = Bootstrap.over(seed);
        Map<String, List<Word>> words = words(pairs);
        return pairs
                .select(Stream.concat(
                                Stream.of(col("set"), col("id"), col("n")),
                                SUMS.entrySet().stream()
                                        .map(sum -> expr("n * aggregate(pairs, 0L, (sum, p) -> sum + " + sum.getValue()
                                                        + ")")
                                                .as(sum.getKey())))
                        .toArray(Column[]::new))
                // Of one denominator, that of the first model: a share of the difference is the difference of the
                // shares.
                .withColumn("correctWords", expr("other - first"))
                .withColumn("correctBytes", expr("otherCorrectBytes - firstCorrectBytes"))
                .groupBy("set")
                .agg(
                        sum("n").as("examples"),
                        Stream.concat(
                                        Stream.of(interval.as("ci")),
                                        SUMS.keySet().stream()
                                                .map(name -> sum(name).as(name)))
                                .toArray(Column[]::new))
                .select("*", "ci.*")
                .collectAsList()
                .stream()
                .map(row -> of(row, words.getOrDefault(row.<String>getAs("set"), List.of())))
                .toList();
    }

    private static Comparison of(Row row, List<Word> words) {
        boolean isFew = row.<Long>getAs("examples") <= SetMetrics.FEW;
        // Another encoding may have other bytes for a word.
        boolean isSameBytes = row.<Long>getAs("bytes").equals(row.<Long>getAs("otherBytes"));
        return new Comparison(
                row.getAs("set"),
                row.getAs("examples"),
                row.getAs("words"),
                new Difference(
                        share(row, "first", "words"),
                        share(row, "other", "words"),
                        isFew ? null : row.getAs("wordLow"),
                        isFew ? null : row.getAs("wordHigh")),
                new Difference(
                        share(row, "firstCorrectBytes", "bytes"),
                        share(row, "otherCorrectBytes", "otherBytes"),
                        isFew || !isSameBytes ? null : row.getAs("byteLow"),
                        isFew || !isSameBytes ? null : row.getAs("byteHigh")),
                row.getAs("onlyFirst"),
                row.getAs("onlyOther"),
                words);
    }

    private static double share(Row row, String part, String whole) {
        return (double) row.<Long>getAs(part) / row.<Long>getAs(whole);
    }

    /** By set. */
    private static Map<String, List<Word>> words(Dataset<Row> pairs) {
        return pairs
                .selectExpr("set", "n", "explode(pairs) AS p")
                .groupBy(col("set"), col("p.first_spans.gold").as("gold"))
                .agg(
                        sum(expr("n * " + ONLY_FIRST)).as("only_first"),
                        sum(expr("n * " + ONLY_OTHER)).as("only_other"))
                .filter("only_first + only_other > 0")
                .withColumn(
                        "rank",
                        row_number()
                                .over(Window.partitionBy("set")
                                        .orderBy(
                                                expr("abs(only_other - only_first)")
                                                        .desc(),
                                                expr("only_first + only_other").desc(),
                                                col("gold"))))
                .filter(col("rank").leq(SHOWN))
                .collectAsList()
                .stream()
                .sorted(Comparator.comparing(row -> row.<Integer>getAs("rank")))
                .collect(Collectors.groupingBy(
                        row -> row.getAs("set"),
                        Collectors.mapping(
                                row -> new Word(row.getAs("gold"), row.getAs("only_first"), row.getAs("only_other")),
                                Collectors.toList())));
    }
}
