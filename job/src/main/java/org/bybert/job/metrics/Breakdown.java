package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.masked.MaskedWordTask;

/**
 * Where a model is right: accuracies by what words and texts are like. All of it are aggregates of Spark over the table
 * of predictions, of which the driver gets few rows, so that its memory does not grow with the number of spans; whole
 * numbers are summed, so that partitioning changes nothing. Several seeds count together.
 *
 * @param by               groups of masked units, by the name of a {@link Dimension} in small letters; those that say
 *                         nothing are missing
 * @param frequent         the most frequent units, the most frequent one first
 * @param confusions       what is most often predicted in the place of what
 * @param calibrationError expected calibration error of the units' probabilities over ten bins of one width (Naeini et
 *                         al. 2015): the mean distance of accuracy and mean probability of a bin, by number of units
 */
public record Breakdown(
        String set,
        Map<String, List<Group>> by,
        List<Word> frequent,
        List<Confusion> confusions,
        double calibrationError) {

    /** What units are grouped by. */
    public enum Dimension {
        /** Characters of the unit; {@value #MOST_CHARACTERS} stand for as many and more. */
        CHARACTERS("least(char_length(s.gold), " + MOST_CHARACTERS + ")"),
        /** Bytes of the unit in the model's encoding; {@value #MOST_BYTES} stand for as many and more. */
        BYTES("least(s.`end` - s.start, " + MOST_BYTES + ")"),
        SCRIPT(script()),
        /** As the segmenter has it. */
        PART_OF_SPEECH("s.part_of_speech"),
        /** Bytes of the text before the unit, rounded down to a multiple of {@value #POSITIONS}. */
        POSITION("s.start div " + POSITIONS + " * " + POSITIONS),
        /** Percentage of the text's bytes that are masked, rounded down to a multiple of {@value #SHARES}. */
        MASKED_SHARE("100 * masked_bytes div n_bytes div " + SHARES + " * " + SHARES),
        /** Of the unit, in tenths rounded down. */
        PROBABILITY("least(cast(floor(10 * s.probability) AS INT), 9)");

        private final String expression;

        Dimension(String expression) {
            this.expression = expression;
        }

        private String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Column tagged() {
            return expr("named_struct('dimension', '" + name() + "', 'key', CAST(" + expression + " AS STRING))");
        }

        /** The scripts of Japanese, and others; what consists of several is mixed. */
        private static String script() {
            Map<String, String> scripts = new LinkedHashMap<>();
            scripts.put("hiragana", "[\\\\p{IsHiragana}ー\\\\p{M}]+");
            scripts.put("katakana", "[\\\\p{IsKatakana}ーｰﾞﾟ\\\\p{M}]+");
            scripts.put("kanji", "[\\\\p{IsHan}々〆ヶ\\\\p{M}]+");
            scripts.put("latin", "[\\\\p{IsLatin}\\\\p{M}]+");
            scripts.put("digits", "\\\\p{Nd}+");
            scripts.put("symbols", "[^\\\\p{L}\\\\p{Nd}]+");
            scripts.put(
                    "other letters",
                    "[\\\\p{L}\\\\p{M}&&[^\\\\p{IsHiragana}\\\\p{IsKatakana}\\\\p{IsHan}\\\\p{IsLatin}]]+");
            StringBuilder cases = new StringBuilder("CASE");
            scripts.forEach(
                    (name, pattern) -> cases.append(" WHEN s.gold RLIKE '^" + pattern + "$' THEN '" + name + "'"));
            return cases + " ELSE 'mixed' END";
        }
    }

    /**
     * @param key         see {@link Dimension}
     * @param probability mean of the units' probabilities
     */
    public record Group(String key, long masked, long correct, long bytes, long correctBytes, double probability) {}

    /** A unit as it stands in texts. */
    public record Word(String gold, long masked, long correct) {}

    /** @param count how often {@code predicted} was predicted in the place of {@code gold} */
    public record Confusion(String gold, String predicted, long count) {}

    public static final int MOST_CHARACTERS = 12;
    public static final int MOST_BYTES = 24;
    public static final int POSITIONS = 512;
    public static final int SHARES = 5;
    /** Units and confusions of a set. */
    private static final int SHOWN = 30;
    /** Probabilities are summed as whole numbers. */
    private static final long SCALE = 1_000_000_000L;

    private static final Comparator<Group> ORDER = Comparator.comparingLong((Group group) -> number(group.key))
            .thenComparing(Comparator.comparingLong(Group::masked).reversed())
            .thenComparing(Group::key);

    /** Of keys that are no numbers the most frequent comes first. */
    private static long number(String key) {
        return key.matches("[0-9]{1,9}") ? Long.parseLong(key) : -1;
    }

    /**
     * Of each set of which anything was scored.
     *
     * @param predictions rows of {@link MaskedWordTask#SCHEMA}, or of what an earlier version wrote
     * @param sets        their names, in the order of the result
     * @param ofBytes     whether units are bytes, of which characters and scripts say nothing
     */
    public static List<Breakdown> of(Dataset<Row> predictions, boolean ofBytes, List<String> sets) {
        Dataset<Row> spans = predictions
                .filter(col("status").equalTo(MaskedWordTask.SCORED))
                .withColumn("masked_bytes", expr("aggregate(spans, 0L, (n, s) -> n + s.`end` - s.start)"))
                .select(
                        col("set"),
                        col("n_bytes"),
                        col("masked_bytes"),
                        explode(col("spans")).as("s"));
        StructType span =
                (StructType) ((ArrayType) predictions.schema().apply("spans").dataType()).elementType();
        List<Dimension> dimensions = Arrays.stream(Dimension.values())
                .filter(dimension -> dimension != Dimension.PART_OF_SPEECH
                        || Arrays.asList(span.fieldNames()).contains("part_of_speech"))
                .filter(dimension -> !ofBytes || dimension != Dimension.CHARACTERS && dimension != Dimension.SCRIPT)
                .toList();
        Map<String, ? extends Map<String, List<Group>>> groups = groups(spans, dimensions);
        Map<String, List<Row>> top = top(spans);
        return sets.stream()
                .filter(groups::containsKey)
                .map(set -> new Breakdown(
                        set,
                        groups.get(set),
                        top.get(set).stream()
                                .filter(Breakdown::isUnit)
                                .map(row -> new Word(row.getAs("gold"), row.getAs("count"), row.getAs("correct")))
                                .toList(),
                        top.get(set).stream()
                                .filter(row -> !isUnit(row))
                                .map(row ->
                                        new Confusion(row.getAs("gold"), row.getAs("predicted"), row.getAs("count")))
                                .toList(),
                        calibrationError(groups.get(set).get(Dimension.PROBABILITY.key()))))
                .toList();
    }

    /** By set and dimension. */
    private static Map<String, ? extends Map<String, List<Group>>> groups(
            Dataset<Row> spans, List<Dimension> dimensions) {
        return spans
                .select(
                        col("set"),
                        col("s"),
                        explode(array(dimensions.stream().map(Dimension::tagged).toArray(Column[]::new)))
                                .as("group"))
                .filter(col("group.key").isNotNull())
                .groupBy(col("set"), col("group.dimension"), col("group.key"))
                .agg(
                        count(lit(1)).as("masked"),
                        count(when(col("s.correct"), 1)).as("correct"),
                        expr("sum(CAST(s.`end` - s.start AS BIGINT))").as("bytes"),
                        expr("sum(CAST(s.correct_bytes AS BIGINT))").as("correct_bytes"),
                        sum(expr("CAST(round(s.probability * " + SCALE + ") AS BIGINT)"))
                                .as("probability"))
                .collectAsList()
                .stream()
                .sorted(Comparator.comparing(Breakdown::dimension).thenComparing(Breakdown::group, ORDER))
                .collect(Collectors.groupingBy(
                        row -> row.getAs("set"),
                        Collectors.groupingBy(
                                row -> dimension(row).key(),
                                LinkedHashMap::new,
                                Collectors.mapping(Breakdown::group, Collectors.toList()))));
    }

    private static Dimension dimension(Row row) {
        return Dimension.valueOf(row.getAs("dimension"));
    }

    private static Group group(Row row) {
        long masked = row.getAs("masked");
        return new Group(
                row.getAs("key"),
                masked,
                row.getAs("correct"),
                row.getAs("bytes"),
                row.getAs("correct_bytes"),
                (double) row.<Long>getAs("probability") / SCALE / masked);
    }

    /**
     * Most frequent units and confusions of each set, in their order.
     *
     * @return rows of set, gold, predicted, count, correct; {@code predicted} is null in those of units
     */
    private static Map<String, List<Row>> top(Dataset<Row> spans) {
        return spans
                .select(
                        col("set"),
                        col("s.gold"),
                        col("s.correct"),
                        expr("explode(IF(s.correct, array(CAST(NULL AS STRING)), array(NULL, s.predicted)))")
                                .as("predicted"))
                .groupBy("set", "gold", "predicted")
                .agg(count(lit(1)).as("count"), count(when(col("correct"), 1)).as("correct"))
                .withColumn(
                        "rank",
                        row_number()
                                .over(Window.partitionBy(
                                                col("set"), col("predicted").isNull())
                                        .orderBy(col("count").desc(), col("gold"), col("predicted"))))
                .filter(col("rank").leq(SHOWN))
                .collectAsList()
                .stream()
                .sorted(Comparator.comparing(row -> row.<Integer>getAs("rank")))
                .collect(Collectors.groupingBy(row -> row.getAs("set")));
    }

    private static boolean isUnit(Row row) {
        return row.getAs("predicted") == null;
    }

    private static double calibrationError(List<Group> bins) {
        long all = bins.stream().mapToLong(Group::masked).sum();
        return bins.stream()
                .mapToDouble(bin -> Math.abs(bin.correct - bin.probability * bin.masked) / all)
                .sum();
    }
}
