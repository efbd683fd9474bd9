package org.bybert.job.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class BreakdownTest {

    /** A set of one example. */
    private static Breakdown of(SparkSession spark, String spans) {
        Dataset<Row> predictions =
                spark.sql("SELECT 'a' AS set, 'scored' AS status, 1000 AS n_bytes, array(" + spans + ") AS spans");
        return Breakdown.of(predictions, false, List.of("a", "none")).get(0);
    }

    private static String span(int start, int bytes, String gold, String predicted, double probability) {
        return "named_struct('start', " + start + ", 'end', " + (start + bytes) + ", 'gold', '" + gold
                + "', 'predicted', '"
                + predicted + "', 'correct', " + gold.equals(predicted) + ", 'correct_bytes', 0, 'probability', "
                + probability + "D)";
    }

    @Test
    void unitsAreWhatTheyConsistOf() throws IOException {
        Map<String, String> scripts = Map.ofEntries(
                Map.entry("らー", "hiragana"),
                Map.entry("ラーメン", "katakana"),
                Map.entry("ｶﾞ", "katakana"),
                Map.entry("時々", "kanji"),
                Map.entry("𠮷", "kanji"),
                Map.entry("abc", "latin"),
                Map.entry("Ｚé", "latin"),
                Map.entry("１2", "digits"),
                Map.entry("。", "symbols"),
                Map.entry("🍣+", "symbols"),
                Map.entry("Ж한", "other letters"),
                Map.entry("食べ", "mixed"),
                Map.entry("3月", "mixed"));
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            String spans = scripts.keySet().stream()
                    .map(gold -> span(0, 3, gold, gold, 1))
                    .collect(Collectors.joining(","));
            Map<String, Long> expected =
                    scripts.values().stream().collect(Collectors.groupingBy(script -> script, Collectors.counting()));
            Map<String, Long> found = of(spark, spans).by().get("script").stream()
                    .collect(Collectors.toMap(Breakdown.Group::key, Breakdown.Group::masked));
            assertEquals(expected, found);
        }
    }

    @Test
    void groupsAreInTheirOrderAndMeansAreOfAll() throws IOException {
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            Breakdown breakdown = of(
                    spark,
                    String.join(
                            ",",
                            span(0, 3, "の", "の", 0.75),
                            span(511, 3, "の", "を", 0.71),
                            span(512, 3, "の", "を", 0.1),
                            span(5000, 36, "あいうえおかきくけこさし", "", 1)));
            assertEquals(
                    List.of("0", "512", "4608"),
                    breakdown.by().get("position").stream()
                            .map(Breakdown.Group::key)
                            .toList());
            assertEquals(
                    new Breakdown.Group("7", 2, 1, 6, 0, 0.73),
                    breakdown.by().get("probability").get(1));
            assertEquals(
                    List.of(new Breakdown.Group("0", 4, 1, 45, 0, 0.64)),
                    breakdown.by().get("masked_share"));
            assertEquals(
                    List.of("3", "24"),
                    breakdown.by().get("bytes").stream()
                            .map(Breakdown.Group::key)
                            .toList());
            assertEquals(new Breakdown.Word("の", 3, 1), breakdown.frequent().get(0));
            assertEquals(
                    new Breakdown.Confusion("の", "を", 2), breakdown.confusions().get(0));
            assertEquals((Math.abs(1 - 1.46) + 0.1 + 1) / 4, breakdown.calibrationError(), 1e-9);
        }
    }
}
