package org.bybert.job.fillmask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bybert.job.Commands;
import org.bybert.job.data.InputLines;
import org.bybert.job.data.TextDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FillMaskCommandTest {

    @TempDir
    Path folder;

    private static Commands.Result run(String... options) {
        List<String> arguments = new ArrayList<>(List.of("fill-mask", "--model", Commands.model()));
        arguments.addAll(List.of(options));
        return Commands.run(arguments.toArray(String[]::new));
    }

    private static Commands.Result runOn(byte[] input, String... options) {
        InputStream console = System.in;
        System.setIn(new ByteArrayInputStream(input));
        try {
            return run(options);
        } finally {
            System.setIn(console);
        }
    }

    private static Commands.Result runOn(String input, String... options) {
        return runOn(input.getBytes(StandardCharsets.UTF_8), options);
    }

    private static List<JsonNode> objects(Commands.Result result) throws IOException {
        List<JsonNode> objects = new ArrayList<>();
        for (String line : result.out().lines().filter(l -> l.startsWith("{")).toList()) {
            objects.add(new JsonMapper().readTree(line));
        }
        return objects;
    }

    @Test
    void printsInputAndDecodedAsTheCardDoes() {
        Commands.Result result = run("--text", "古い橋の<mask:3>を渡る。", "--text", "朝の<mask><mask><mask>");
        assertEquals(0, result.exit(), result.out());
        List<String> lines = result.out().lines().toList();
        assertEquals(6, lines.size(), result.out());
        assertEquals("Input: 古い橋の<mask><mask><mask>を渡る。", lines.get(0));
        assertTrue(lines.get(1).matches("Decoded: 古い橋の.+を渡る。") && !lines.get(1).contains("<mask>"), lines.get(1));
        assertEquals("Input: 朝の<mask><mask><mask>", lines.get(3));
        assertTrue(lines.get(4).startsWith("Decoded: 朝の"), lines.get(4));
    }

    @Test
    void shorthandAndMasksWrittenOutGetTheSameAnswer() throws IOException {
        List<JsonNode> rows = objects(run(
                "--format",
                "json",
                "--text",
                "海の<mask:3>が青い。",
                "--text",
                "海の<mask><mask><mask>が青い。",
                "--text",
                "海の<mask:-1><mask>"));
        assertEquals("海の<mask:3>が青い。", rows.get(0).path("text").textValue());
        for (String field : List.of("filled", "score", "masks", "n_bytes", "truncated", "error")) {
            assertEquals(rows.get(0).get(field), rows.get(1).get(field), field);
        }
        assertEquals(3, rows.get(0).path("masks").intValue());
        assertEquals(6 + 3 + 12, rows.get(0).path("n_bytes").intValue());
        assertTrue(
                rows.get(2).path("filled").textValue().startsWith("海の<mask:-1>"),
                rows.get(2).toString());
    }

    @Test
    void aByteOrderMarkIsNoTextAndOtherEncodingsAreReadByName() throws IOException {
        String lines = "春の<mask><mask><mask>\n髙い<mask>\n";
        List<JsonNode> plain = objects(runOn(lines.getBytes(StandardCharsets.UTF_8), "--format", "json"));
        assertEquals("春の<mask><mask><mask>", plain.get(0).path("text").textValue());
        assertEquals(plain, objects(runOn(("\ufeff" + lines).getBytes(StandardCharsets.UTF_8), "--format", "json")));
        for (String encoding : List.of("CP932", "windows-31j", "UTF-16", "UTF-16LE")) {
            byte[] bytes = lines.getBytes(TextDecoder.charset(encoding));
            assertEquals(plain, objects(runOn(bytes, "--format", "json", "--encoding", encoding)), encoding);
            Path file = Files.write(folder.resolve(encoding), bytes);
            assertEquals(
                    plain,
                    objects(Commands.run(
                            "fill-mask",
                            "--model",
                            Commands.model(),
                            "--format",
                            "json",
                            "--input",
                            file.toString(),
                            "--encoding",
                            encoding)),
                    encoding);
        }
        Commands.Result unnamed = runOn(lines.getBytes(TextDecoder.charset("cp932")), "--format", "json");
        assertTrue(unnamed.out().contains("not valid UTF-8 (--encoding names another"), unnamed.out());
        Commands.Result wrong = runOn(new byte[0], "--encoding", "latin-99");
        assertEquals(2, wrong.exit());
        assertTrue(wrong.out().contains("--encoding: expected a character set"), wrong.out());
    }

    @Test
    void badLinesAreShownInTheirPlaceAndCounted() throws IOException {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes("冬の<mask><mask><mask>\r\n\n".getBytes(StandardCharsets.UTF_8));
        input.writeBytes(new byte[] {(byte) 0xe3, (byte) 0x81, '<', 'm', 'a', 's', 'k', '>', '\n'});
        input.writeBytes(("伏せ字なし\n" + "長".repeat(1100) + "<mask>\n").getBytes(StandardCharsets.UTF_8));
        input.writeBytes("<mask>".repeat(InputLines.MOST_CHARACTERS).getBytes(StandardCharsets.UTF_8));
        input.writeBytes("\n夏の<mask><mask><mask>".getBytes(StandardCharsets.UTF_8));
        Commands.Result result = runOn(input.toByteArray(), "--format", "json");
        assertEquals(0, result.exit());
        List<JsonNode> rows = objects(result);
        assertEquals(
                List.of("null", "\"empty text", "\"invalid UTF-8", "\"no mask", "\"too long", "\"too long", "null"),
                rows.stream()
                        .map(row -> row.get("error").toString().replaceAll(":.*", ""))
                        .toList());
        assertEquals(
                List.of(1, 2, 3, 4, 5, 6, 7),
                rows.stream().map(row -> row.path("row").intValue()).toList());
        assertEquals("冬の<mask><mask><mask>", rows.get(0).path("text").textValue());
        assertTrue(rows.get(0).path("score").doubleValue() > 0
                && rows.get(4).path("score").isNull());
        assertTrue(
                result.out()
                        .endsWith("bybert: 2 filled; 1 not filled (empty text); 1 not filled (invalid UTF-8); "
                                + "1 not filled (no mask); 2 not filled (too long)\n"),
                result.out().lines().reduce((a, b) -> b).get());
    }

    /** A small model's best bytes are often no text. */
    @Test
    void gapsAreFilledWithTextUnlessTheBestBytesAreAskedFor() throws IOException {
        String lines = IntStream.range(1, 30)
                .mapToObj(i -> "朝の<mask:" + i + ">から海が見える。\n")
                .collect(Collectors.joining());
        List<JsonNode> valid = objects(runOn(lines, "--format", "json"));
        List<JsonNode> bytes = objects(runOn(lines, "--format", "json", "--decode", "bytes"));
        String card = runOn(lines).out();
        int different = 0;
        for (int i = 0; i < valid.size(); i++) {
            String best = bytes.get(i).path("filled").textValue();
            String text = valid.get(i).path("filled").textValue();
            assertTrue(card.contains("\nDecoded: " + best + "\n"), best);
            assertFalse(text.contains("\uFFFD"), text);
            if (best.contains("\uFFFD")) {
                different++;
                assertTrue(
                        valid.get(i).path("score").doubleValue()
                                < bytes.get(i).path("score").doubleValue(),
                        text);
            } else {
                assertEquals(bytes.get(i), valid.get(i));
            }
        }
        assertTrue(different > 2 && different < 25, different + " differ");
        assertEquals(valid, objects(runOn(lines, "--format", "json", "--decode", "valid")));
        Commands.Result table = run("--decode", "valid", "--text", "星が<mask:4>");
        assertTrue(table.out().startsWith("   row  bytes"), table.out());
        Commands.Result both = run("--decode", "valid", "--format", "card", "--text", "星が<mask>");
        assertEquals(2, both.exit());
        assertTrue(both.out().contains("--decode: expected bytes with --format card"), both.out());
    }

    @Test
    void candidatesAreShownBestFirst() throws IOException {
        String text = "朝の<mask:3>から<mask:4>が見える。";
        JsonNode row =
                objects(run("--format", "json", "--top-k", "7", "--text", text)).get(0);
        JsonNode plain = objects(run("--format", "json", "--text", text)).get(0);
        assertEquals(plain.get("filled"), row.get("filled"));
        assertEquals(plain.get("score"), row.get("score"));
        assertFalse(plain.has("gaps"));
        String filled = "朝の";
        double sum = 0;
        for (int i = 0; i < 2; i++) {
            JsonNode gap = row.get("gaps").get(i);
            assertEquals(i == 0 ? 6 : 15, gap.get("start").intValue());
            assertEquals(3 + i, gap.get("length").intValue());
            assertEquals(7, gap.get("candidates").size());
            double before = 0;
            for (JsonNode candidate : gap.get("candidates")) {
                String found = candidate.get("text").textValue();
                assertEquals(3 + i, found.getBytes(StandardCharsets.UTF_8).length);
                assertTrue(candidate.get("logprob").doubleValue() <= before);
                before = candidate.get("logprob").doubleValue();
                assertEquals(Math.exp(before), candidate.get("probability").doubleValue(), 1e-12);
            }
            filled += gap.at("/candidates/0/text").textValue() + (i == 0 ? "から" : "が見える。");
            sum += gap.at("/candidates/0/logprob").doubleValue();
        }
        assertEquals(filled, row.get("filled").textValue());
        assertEquals(Math.exp(sum / 7), row.get("score").doubleValue(), 1e-12);
        List<String> table = run("--top-k", "2", "--text", text).out().lines().toList();
        assertEquals(6, table.size(), table.toString());
        assertTrue(table.get(2).matches(" +@6 +3  0\\.[0-9]{4}  .+  \\(-[0-9.]+\\)"), table.get(2));
        JsonNode few = objects(run("--format", "json", "--top-k", "100", "--text", "a<mask>"))
                .get(0);
        assertEquals(98, few.at("/gaps/0/candidates").size());
        for (List<String> wrong : List.of(
                List.of("--top-k", "101"), List.of("--top-k", "-1"), List.of("--top-k", "2", "--decode", "bytes"))) {
            List<String> all = new ArrayList<>(wrong);
            all.addAll(List.of("--text", text));
            Commands.Result refused = run(all.toArray(String[]::new));
            assertEquals(2, refused.exit());
            assertTrue(refused.out().contains("--top-k, --decode: top k: "), refused.out());
        }
    }

    @Test
    void severalPassesWriteTheSurestCharactersFirst() throws IOException {
        String lines = IntStream.range(1, 60)
                .mapToObj(i -> "朝の<mask:" + i + ">から<mask:" + (1 + i % 6) + ">が見える。\n")
                .collect(Collectors.joining());
        List<JsonNode> once = objects(runOn(lines, "--format", "json"));
        assertEquals(once, objects(runOn(lines, "--format", "json", "--passes", "1")));
        List<JsonNode> four = objects(runOn(lines, "--format", "json", "--passes", "4"));
        int different = 0;
        for (int i = 0; i < once.size(); i++) {
            for (String field : List.of("row", "text", "masks", "n_bytes", "truncated", "error")) {
                assertEquals(once.get(i).get(field), four.get(i).get(field), field);
            }
            String filled = four.get(i).get("filled").textValue();
            assertEquals(
                    filled.getBytes(StandardCharsets.UTF_8).length,
                    four.get(i).get("n_bytes").intValue());
            assertFalse(filled.contains("\uFFFD"), filled);
            different += once.get(i).get("filled").equals(four.get(i).get("filled")) ? 0 : 1;
        }
        assertTrue(different > 20, different + " differ");
        assertEquals(
                four.get(40),
                objects(runOn("\n".repeat(40) + lines.lines().toList().get(40), "--format", "json", "--passes", "4"))
                        .get(40));
        JsonNode open = objects(run("--format", "json", "--passes", "3", "--text", "朝の<mask:4-8>から見える。"))
                .get(0);
        int length = open.at("/gaps/0/length").intValue();
        JsonNode known = objects(run("--format", "json", "--passes", "3", "--text", "朝の<mask:" + length + ">から見える。"))
                .get(0);
        assertEquals(known.get("filled"), open.get("filled"));
        assertEquals(known.get("score"), open.get("score"));
        Commands.Result table = run("--passes", "1000000000", "--text", "星が<mask:30>。", "--text", "星");
        assertTrue(table.out().startsWith("   row  bytes"), table.out());
        assertTrue(table.out().contains("(no mask: "), table.out());
        String many = "<mask:9999><mask>";
        Commands.Result tooLong = run("--passes", "2", "--text", many);
        assertTrue(tooLong.out().contains("(too long: "), tooLong.out());
        for (List<String> wrong : List.of(
                List.of("0", "--passes: expected 1 or more, found 0"),
                List.of("-2", "--passes: expected 1 or more, found -2"),
                List.of("x", "--passes"),
                List.of("2", "--passes: expected 1 with --format card", "--format", "card"),
                List.of("2", "top k of at most 1, found top k 3", "--top-k", "3"),
                List.of("2", "found decode bytes", "--decode", "bytes"),
                List.of("2", "--targets: expected without --format card", "--targets", "海,山"))) {
            List<String> arguments = new ArrayList<>(List.of("--text", "朝の<mask>", "--passes", wrong.get(0)));
            arguments.addAll(wrong.subList(2, wrong.size()));
            Commands.Result refused = run(arguments.toArray(String[]::new));
            assertEquals(2, refused.exit());
            assertTrue(refused.out().contains(wrong.get(1)), refused.out());
        }
    }

    @Test
    void aGapOfUnknownLengthHasTheLengthThatFitsBest() throws IOException {
        String text = "日本で一番高い山は<mask:?>です。";
        JsonNode row = objects(run("--format", "json", "--text", text)).get(0);
        String filled = row.get("filled").textValue();
        JsonNode gap = row.get("gaps").get(0);
        String best = gap.at("/candidates/0/text").textValue();
        assertEquals("日本で一番高い山は" + best + "です。", filled);
        int length = best.getBytes(StandardCharsets.UTF_8).length;
        assertEquals(length, gap.get("length").intValue());
        assertEquals(length, row.get("masks").intValue());
        assertEquals(
                filled.getBytes(StandardCharsets.UTF_8).length,
                row.get("n_bytes").intValue());
        assertTrue(gap.get("margin").doubleValue() >= 0);
        JsonNode known = objects(run("--format", "json", "--text", text.replace("?", "" + length)))
                .get(0);
        assertEquals(known.get("filled"), row.get("filled"));
        assertEquals(known.get("score"), row.get("score"));
        String table = run("--decode", "valid", "--text", text).out();
        assertTrue(table.contains("  margin "), table);
        Commands.Result card = run("--text", text, "--text", "山は<mask:0>", "--text", "山は<mask:9-3>");
        assertEquals(1, card.exit());
        assertTrue(
                card.out().contains("Error: mask length: a gap of unknown length is filled with valid text"),
                card.out());
        assertTrue(
                card.out().contains("or ?, found <mask:0>") && card.out().contains("or ?, found <mask:9-3>"),
                card.out());
    }

    @Test
    void targetsAreRanked() throws IOException {
        Commands.Result result = run(
                "--format",
                "json",
                "--targets",
                "東京,名古屋,津",
                "--text",
                "駅は<mask>にある。",
                "--text",
                "駅は<mask:6>にある。",
                "--text",
                "<mask>は<mask>",
                "--text",
                "駅");
        List<JsonNode> rows = objects(result);
        JsonNode targets = rows.get(0).at("/gaps/0/candidates");
        assertEquals(3, targets.size());
        double sum = 0;
        for (JsonNode target : targets) {
            sum += target.get("probability").doubleValue();
        }
        assertEquals(1, sum, 1e-12);
        String best = targets.get(0).get("text").textValue();
        assertEquals("駅は" + best + "にある。", rows.get(0).get("filled").textValue());
        assertEquals(best.length() * 3, rows.get(0).get("masks").intValue());
        assertEquals((best.length() + 6) * 3, rows.get(0).get("n_bytes").intValue());
        assertEquals(rows.get(0).get("gaps"), rows.get(1).get("gaps"));
        assertEquals(
                "several gaps: expected one gap for the targets, <mask>, found 2",
                rows.get(2).get("error").textValue());
        assertEquals(
                "no mask: expected one gap for the targets, <mask>, found none",
                rows.get(3).get("error").textValue());
        String table = run("--targets", "東京,津", "--text", "駅は<mask>にある。").out();
        assertTrue(table.lines().count() == 5 && table.contains("  margin "), table);
        for (String wrong : List.of("東京,,津", "東京,東京", "東京,<s>津")) {
            Commands.Result refused = run("--targets", wrong, "--text", "駅は<mask>にある。");
            assertEquals(2, refused.exit());
            assertTrue(refused.out().contains("--targets: expected texts, found at place 2 "), refused.out());
        }
        assertEquals(
                2, run("--targets", "津", "--format", "card", "--text", "<mask>").exit());
        assertEquals(
                2, run("--targets", "津", "--top-k", "2", "--text", "<mask>").exit());
    }

    @Test
    void aLongTextIsCutWhereThatIsAskedFor() throws IOException {
        Commands.Result result = run(
                "--format",
                "json",
                "--max-tokens",
                "12",
                "--long-text",
                "truncate",
                "--text",
                "雪<mask:3>と氷の山",
                "--text",
                "雪と氷の山<mask>");
        List<JsonNode> rows = objects(result);
        assertTrue(
                rows.get(0).path("truncated").booleanValue()
                        && rows.get(0).path("error").isNull(),
                result.out());
        assertTrue(rows.get(0).path("filled").textValue().endsWith("と"), result.out());
        assertEquals(
                "no mask left: the text was cut at 12 tokens",
                rows.get(1).path("error").textValue());
        assertTrue(result.out().contains("bybert: 1 filled, 1 truncated; 1 not filled (no mask left)"), result.out());
    }

    @Test
    void aFileOfManyLinesIsAnsweredInItsOrderWhateverTheBatch() throws IOException {
        List<String> lines = IntStream.range(0, 300)
                .mapToObj(i -> i + "番の席は<mask:" + (i % 3 + 1) * 3 + ">だ。")
                .toList();
        Path file = Files.write(folder.resolve("席.txt"), lines);
        Commands.Result all = run("--format", "json", "--input", file.toString());
        assertEquals(0, all.exit(), all.out());
        List<JsonNode> rows = objects(all);
        assertEquals(
                lines, rows.stream().map(row -> row.path("text").textValue()).toList());
        JsonNode alone =
                objects(run("--format", "json", "--text", lines.get(217))).get(0);
        assertEquals(alone.get("filled"), rows.get(217).get("filled"));
        assertEquals(alone.get("score"), rows.get(217).get("score"));
    }

    @Test
    void aTableHasALinePerText() {
        List<String> lines = runOn("星が<mask:3>\nなし\n", "--format", "table", "--input", "-")
                .out()
                .lines()
                .toList();
        assertTrue(lines.get(0).endsWith("row  bytes  masks   score  filled"), lines.get(0));
        assertTrue(lines.get(1).matches(" +1 +9 +3  0\\.[0-9]{4}  星が.*"), lines.get(1));
        assertTrue(lines.get(2).contains("(no mask: "), lines.get(2));
    }

    @Test
    void emptyInputIsNoFailureAndNothingFilledIsOne() {
        Commands.Result empty = runOn("");
        assertEquals(0, empty.exit());
        assertEquals("bybert: there were no texts\n", empty.out());
        assertEquals(1, run("--text", "伏せ字なし").exit());
    }

    @Test
    void onATerminalTheCardsSentencesAreFilled() {
        System.setProperty("bybert.terminal", "true");
        try {
            String out = run().out();
            assertTrue(out.startsWith("Input: 東北大学は宮城県" + "<mask>".repeat(6) + "市にある大学です。\nDecoded: 東北大学は宮城県"), out);
            assertTrue(out.contains("Input: 日本一高い山は" + "<mask>".repeat(9) + "です。\nDecoded: 日本一高い山は"), out);
        } finally {
            System.clearProperty("bybert.terminal");
        }
    }

    @Test
    void wrongUsageAndMissingFilesAreSaidInOneLine() {
        assertEquals(2, run("--text", "a", "--input", "b").exit());
        assertEquals(2, run("--max-tokens", "0").exit());
        assertEquals(2, run("--format", "xml").exit());
        Commands.Result store = run("--input", "s3a://bucket/x.txt");
        assertEquals(1, store.exit());
        assertTrue(
                store.out().startsWith("bybert: --input s3a://bucket/x.txt: cannot be read: classes of its file system")
                        && store.out().contains("--packages org.apache.hadoop:hadoop-aws:"),
                store.out());
        Commands.Result missing = run("--input", folder.resolve("none.txt").toString());
        assertEquals(1, missing.exit());
        assertTrue(
                missing.out().startsWith("bybert: --input " + folder.resolve("none.txt") + ": cannot be read"),
                missing.out());
    }
}
