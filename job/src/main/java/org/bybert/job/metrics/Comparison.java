package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udaf;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
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
    public record Difference(double first, double other, double difference, Double low, Double high) {

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

    /**
     * Why two runs cannot be compared; null where they masked the same words of the same examples.
     *
     * @param first predictions, rows of {@link MaskedWordTask#SCHEMA}
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
        return CollectionConverters.asScala(List.of("set", "id", "gold")).toSeq();
    }

    /** Examples that several rows have are one, with their number; which words are masked is the same in any encoding. */
    private static Dataset<Row> keyed(Dataset<Row> predictions, String prefix) {
        return predictions
                .filter(col("status").equalTo(MaskedWordTask.SCORED))
                .groupBy(
                        col("set"),
                        coalesce(col("id"), lit("")).as("id"),
                        expr("transform(spans, s -> s.gold)").as("gold"))
                .agg(
                        count(lit(1)).as(prefix + "n"),
                        expr("min_by(spans, to_json(spans))").as(prefix + "spans"));
    }

    /**
     * Of one set.
     *
     * @param seed of the bootstrap
     */
    public static Comparison of(String set, Dataset<Row> first, Dataset<Row> other, long seed) {
        Column own = col("set").equalTo(set);
        Dataset<Row> pairs = keyed(first.filter(own), FIRST).join(keyed(other.filter(own), OTHER), keys());
        Dataset<Row> examples = pairs.select(
                col("id"),
                expr("first_n * size(first_spans)").as("words"),
                correct("first_spans").as("first"),
                correct("other_spans").as("other"),
                bytes("first_spans", "s.`end` - s.start").as("firstBytes"),
                bytes("first_spans", "s.correct_bytes").as("firstCorrectBytes"),
                bytes("other_spans", "s.`end` - s.start").as("otherBytes"),
                bytes("other_spans", "s.correct_bytes").as("otherCorrectBytes"),
                col("first_n"));
        // Shares of one denominator: that of the first model, whose encoding may have other bytes for a word.
        Column interval = udaf(new Bootstrap(seed), Encoders.row(Bootstrap.EXAMPLE))
                .apply(Arrays.stream(Bootstrap.EXAMPLE.fieldNames())
                        .map(functions::col)
                        .toArray(Column[]::new));
        Row all = examples.withColumn("correctWords", expr("other - first"))
                .withColumn("bytes", col("firstBytes"))
                .withColumn("correctBytes", expr("otherCorrectBytes - firstCorrectBytes"))
                .agg(
                        sum("first_n").as("examples"),
                        sum("words").as("words"),
                        sum("first").as("first"),
                        sum("other").as("other"),
                        sum("firstBytes").as("firstBytes"),
                        sum("firstCorrectBytes").as("firstCorrectBytes"),
                        sum("otherBytes").as("otherBytes"),
                        sum("otherCorrectBytes").as("otherCorrectBytes"),
                        interval.as("ci"))
                .select(col("*"), col("ci.*"))
                .first();
        Dataset<Row> units = pairs.select(
                        col("first_n"),
                        explode(expr("arrays_zip(first_spans, other_spans)")).as("p"))
                .selectExpr(
                        "p.first_spans.gold AS gold",
                        "first_n * CAST(p.first_spans.correct AND NOT p.other_spans.correct AS BIGINT) AS only_first",
                        "first_n * CAST(p.other_spans.correct AND NOT p.first_spans.correct AS BIGINT) AS only_other");
        Row only = units.agg(sum("only_first"), sum("only_other")).first();
        List<Word> words = units
                .groupBy("gold")
                .agg(sum("only_first").as("only_first"), sum("only_other").as("only_other"))
                .filter(expr("only_first + only_other > 0"))
                .orderBy(
                        abs(expr("only_other - only_first")).desc(),
                        expr("only_first + only_other").desc(),
                        col("gold"))
                .limit(SHOWN)
                .collectAsList()
                .stream()
                .map(row -> new Word(row.getString(0), row.getLong(1), row.getLong(2)))
                .toList();
        boolean isFew = all.<Long>getAs("examples") <= SetMetrics.FEW;
        return new Comparison(
                set,
                all.getAs("examples"),
                all.getAs("words"),
                difference(all, "first", "words", "other", "words", "wordLow", "wordHigh", isFew),
                difference(
                        all,
                        "firstCorrectBytes",
                        "firstBytes",
                        "otherCorrectBytes",
                        "otherBytes",
                        "byteLow",
                        "byteHigh",
                        isFew || !all.<Long>getAs("firstBytes").equals(all.<Long>getAs("otherBytes"))),
                only.getLong(0),
                only.getLong(1),
                words);
    }

    private static Column correct(String spans) {
        return expr("first_n * size(filter(" + spans + ", s -> s.correct))");
    }

    private static Column bytes(String spans, String each) {
        return expr("first_n * aggregate(" + spans + ", 0L, (n, s) -> n + " + each + ")");
    }

    private static Difference difference(
            Row row,
            String first,
            String firstAll,
            String other,
            String otherAll,
            String low,
            String high,
            boolean isUnknown) {
        double a = (double) row.<Long>getAs(first) / row.<Long>getAs(firstAll);
        double b = (double) row.<Long>getAs(other) / row.<Long>getAs(otherAll);
        return new Difference(
                a, b, b - a, isUnknown ? null : row.<Double>getAs(low), isUnknown ? null : row.<Double>getAs(high));
    }
}
