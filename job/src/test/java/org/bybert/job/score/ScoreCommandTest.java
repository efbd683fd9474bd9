package org.bybert.job.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.job.Commands;
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.masked.ScoreTask;
import org.bybert.udf.masked.TextScore;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreCommandTest {

    @TempDir
    Path folder;

    private static Commands.Result score(String... more) {
        List<String> arguments = new ArrayList<>(List.of("score", "--model", Commands.model()));
        arguments.addAll(List.of(more));
        return Commands.run(arguments.toArray(String[]::new));
    }

    private static TextScore inJava(String text, ScoreMethod method) {
        ByBert model = ByBert.open(Path.of(Commands.model()));
        Segmenter characters = Segmenter.of(Unit.CHAR, SegmenterReference.DEFAULT);
        ScoreTask task = new ScoreTask(model, BatchOptions.DEFAULTS, method, Unit.CHAR, characters);
        return new TextEngine<>(model, task, BatchOptions.DEFAULTS).answer(text).value();
    }

    @Test
    void rowsAreRankedAndThoseWithoutAScoreComeLast() throws IOException {
        Path input = Files.write(folder.resolve("texts.txt"), List.of("い青は海。", "", "海は青い。", " "));
        Commands.Result result = score("--input", input.toString(), "--unit", "char", "--rank");
        assertEquals(0, result.exit(), result.out());
        List<String> lines = result.out()
                .lines()
                .filter(line -> line.matches(" *(row|[0-9]).*"))
                .toList();
        TextScore best = inJava("海は青い。", ScoreMethod.WORD);
        TextScore other = inJava("い青は海。", ScoreMethod.WORD);
        assertTrue(best.mean() > other.mean());
        assertEquals(
                List.of(
                        "   row     score  perplexity  text",
                        String.format(Locale.ROOT, "     3  %8.4f  %10.4g  海は青い。", best.mean(), best.perplexity()),
                        String.format(Locale.ROOT, "     1  %8.4f  %10.4g  い青は海。", other.mean(), other.perplexity()),
                        "     2         -           -  (blank text: nothing but white space)",
                        "     4         -           -  (blank text: nothing but white space)"),
                lines);
        assertTrue(result.out().contains("bybert: 2 rows not scored (blank text): 2, 4\n"), result.out());
        double all = Math.exp(-(best.logProbability() + other.logProbability()) / 10);
        assertTrue(
                result.out()
                        .contains(String.format(
                                Locale.ROOT,
                                "bybert: 2 rows scored by bybert-jp-mini (word of unit char): perplexity %.4g per character",
                                all)),
                result.out());
    }

    @Test
    void pairsAreComparedByEachMethodAndWritten() throws IOException {
        String good = "海は青い。";
        String bad = "い青は海。";
        Path input = Files.write(
                folder.resolve("pairs.jsonl"),
                Stream.of(pair(good, bad), pair(bad, good), pair(good, good), "{\"a\": null, \"b\": \"海\"}", "{")
                        .toList());
        Path out = folder.resolve("out");
        Commands.Result result = score(
                "--input",
                input.toString(),
                "--pairs",
                "a,b",
                "--method",
                "word,word-l2r",
                "--unit",
                "char",
                "--output",
                out.toString(),
                "--output-format",
                "jsonl");
        assertEquals(0, result.exit(), result.out());
        List<String> shares =
                result.out().lines().filter(line -> line.startsWith("word")).toList();
        assertEquals(2, shares.size(), result.out());
        for (String line : shares) {
            assertTrue(line.matches("word(-l2r)? +3 +33.3 % +\\(n/a\\) +33.3 % +\\(n/a\\) +1 +2"), line);
        }
        assertTrue(result.out().contains("bybert: 1 row not scored (null text): 4\n"), result.out());
        List<JsonNode> rows = new ArrayList<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
                for (String line : Files.readAllLines(file)) {
                    rows.add(new JsonMapper().readTree(line));
                }
            }
        }
        assertEquals(10, rows.size());
        for (JsonNode row : rows) {
            if (row.path("row").asInt() == 1) {
                ScoreMethod method =
                        row.path("method").asText().equals("word") ? ScoreMethod.WORD : ScoreMethod.WORD_L2R;
                assertEquals(inJava(good, method).mean(), row.path("good_score").asDouble());
                assertEquals(
                        inJava(bad, method).logProbability(),
                        row.path("bad_logprob").asDouble());
            }
        }
        Commands.Result again = score("--input", input.toString(), "--unit", "char", "--output", out.toString());
        assertEquals(1, again.exit());
        assertTrue(again.out().contains("--output: " + out + ": expected an empty folder or none"), again.out());
    }

    private static String pair(String a, String b) {
        return "{\"a\": \"" + a + "\", \"b\": \"" + b + "\"}";
    }

    @Test
    void wrongUsageIsToldBeforeAnythingStarts() {
        for (List<String> wrong : List.of(
                List.of("--pairs", "good"),
                List.of("--pairs", "good,good"),
                List.of("--pairs", "good,bad", "--rank"),
                List.of("--method", "l2r"),
                List.of("--method", "word,byte"),
                List.of("--method", "byte", "--unit", "char"),
                List.of("--method", "byte", "--segmenter", "mecab:DIR"),
                List.of("--long-text", "split"),
                List.of("--max-bytes", "-1"))) {
            List<String> arguments = new ArrayList<>(List.of("--input", "x.txt"));
            arguments.addAll(wrong);
            Commands.Result result = score(arguments.toArray(String[]::new));
            assertEquals(2, result.exit(), result.out());
            assertEquals(1, result.out().lines().count(), result.out());
        }
    }
}
