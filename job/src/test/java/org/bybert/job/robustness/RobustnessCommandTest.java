package org.bybert.job.robustness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RobustnessCommandTest {

    @TempDir
    Path folder;

    private static Commands.Result robustness(Path templates, String... more) {
        return Commands.run(java.util.stream.Stream.concat(
                        List.of("robustness", "--model", Commands.model(), "--templates", templates.toString())
                                .stream(),
                        Arrays.stream(more))
                .toArray(String[]::new));
    }

    private static double logProbability(ByBert model, String before, String keyword, String after) {
        int[] ids = model.tokenizer().encodePlain(before + keyword + after);
        int from = model.tokenizer().prefixLength() + before.getBytes(StandardCharsets.UTF_8).length;
        int[] at = IntStream.range(from, from + keyword.getBytes(StandardCharsets.UTF_8).length)
                .toArray();
        int[] gold = Arrays.stream(at).map(i -> ids[i]).toArray();
        Arrays.stream(at).forEach(i -> ids[i] = model.tokenizer().maskId());
        return Arrays.stream(model.newSession().logProbabilities(RaggedBatch.of(List.of(ids)), at, gold))
                .sum();
    }

    @Test
    void influenceIsTheDifferenceOfTheKeywordsLogProbabilities() throws IOException {
        Path templates = Files.write(
                folder.resolve("t.jsonl"),
                List.of(
                        line("{}で魚を釣る。", "魚", "川", "\"look_alike\": [\"州\"], \"synonym\": [\"小川\"]"),
                        line("魚が{}で泳ぐ。", "魚", "川", "\"unrelated\": [\"手紙\"]")));
        Commands.Result result = robustness(templates, "--words");
        assertEquals(0, result.exit(), result.out());
        ByBert model = ByBert.open(Path.of(Commands.model()));
        double base = logProbability(model, "川で", "魚", "を釣る。");
        for (String expected : List.of(
                row(1, "look-alike", logProbability(model, "州で", "魚", "を釣る。") - base, "州"),
                row(1, "synonym", logProbability(model, "小川で", "魚", "を釣る。") - base, "小川"),
                row(
                        2,
                        "unrelated",
                        logProbability(model, "", "魚", "が手紙で泳ぐ。") - logProbability(model, "", "魚", "が川で泳ぐ。"),
                        "手紙"))) {
            assertTrue(result.out().contains(expected + "\n"), expected + " in " + result.out());
        }
        assertTrue(result.out().contains("-3.92"), result.out());
        assertTrue(result.out().contains("bybert: no words of kind synonym, 1 times: line 2\n"), result.out());
    }

    private static String row(int line, String kind, double influence, String word) {
        return String.format(Locale.ROOT, "%6d  %-10s  %8.3f  %s", line, kind, influence, word);
    }

    private static String line(String template, String keyword, String base, String words) {
        return "{\"template\": \"" + template + "\", \"keyword\": \"" + keyword + "\", \"base\": \"" + base + "\", "
                + words + "}";
    }

    @Test
    void whatIsNoTemplateIsShownWithItsLine() throws IOException {
        String words = "\"look_alike\": [\"州\"], \"synonym\": [\"小川\"], \"unrelated\": [\"手紙\"]";
        Path templates = Files.write(
                folder.resolve("bad.jsonl"),
                List.of(
                        line("川で魚を釣る。", "魚", "川", words),
                        line("{}で魚を釣る。", "犬", "川", words),
                        "",
                        line("{}で魚を釣る。", "", "川", words),
                        line("{}で魚を釣る。", "魚", "川", "\"synonym\": []"),
                        line("{}で<mask>を釣る。", "釣", "川", words),
                        line("{}で魚を釣る。", "魚", "川", words),
                        line("{}で魚を釣る。", "魚", "川", words),
                        line("{}で{}を釣る。", "釣", "川", words),
                        line("{}で魚を釣る。", "魚", "州", words),
                        "{\"template\": \"{}\"",
                        "[1]"));
        Commands.Result result = robustness(templates);
        assertEquals(0, result.exit(), result.out());
        for (String expected : List.of(
                "no slot, 1 times: line 1,",
                "no keyword, 1 times: line 2,",
                "bad keyword, 1 times: line 4,",
                "no words, 1 times: line 5,",
                "special token, 1 times: line 6,",
                "duplicate, 1 times: line 8, the template of line 7",
                "several slots, 1 times: line 9,",
                "bad words, 1 times: line 10, look_alike: found 州, the base",
                "no JSON, 2 times: line 11, expected one object; line 12,",
                "on 1 templates")) {
            assertTrue(result.out().contains(expected), expected + " in " + result.out());
        }
        Path none = Files.write(folder.resolve("none.jsonl"), List.of("[]"));
        assertEquals(1, robustness(none).exit());
        Commands.Result missing = robustness(folder.resolve("missing"));
        assertEquals(1, missing.exit());
        assertEquals(1, missing.out().lines().count(), missing.out());
    }

    @Test
    void theSampleHoldsNothingButTemplates() {
        Commands.Result result = robustness(Commands.samples().resolve("robustness-templates.jsonl"));
        assertEquals(0, result.exit(), result.out());
        assertTrue(result.out().contains("on 32 templates"), result.out());
        assertEquals(6, result.out().lines().count(), result.out());
    }
}
