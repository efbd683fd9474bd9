package org.bybert.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.Version;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.job.Commands;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.masked.MaskedWordTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateTest {

    @TempDir
    Path folder;

    private Path lines(String name, String... lines) throws IOException {
        return Files.write(folder.resolve(name), List.of(lines));
    }

    private Commands.Result evaluate(String... more) {
        List<String> arguments = new ArrayList<>(List.of("evaluate", "--model", Commands.model()));
        arguments.addAll(List.of(more));
        return Commands.run(arguments.toArray(String[]::new));
    }

    private static JsonNode metrics(Path out) throws IOException {
        return new JsonMapper().readTree(out.resolve("metrics.json").toFile());
    }

    @Test
    void metricsAreThoseOfThePredictions() throws IOException {
        Path data = lines("a.txt", "港には朝早くから漁船が出入りし、市場では競りの声が響いていた。", "", "山あいの村では、秋になると柿をつるして干す。");
        Path out = folder.resolve("out");
        Commands.Result result = evaluate("--data", "港=" + data, "--unit", "char", "--out", out.toString());
        assertEquals(0, result.exit(), result.out());
        assertTrue(result.out().contains("港: 1 of 3 rows failed: {empty text=1}"), result.out());
        // Without the remarks of the terminal.
        assertTrue(result.out().contains(Files.readString(out.resolve("summary.txt"))), result.out());
        JsonNode set = metrics(out).path("sets").path(0);
        assertEquals(2, set.path("scored").asInt());
        assertEquals(1, set.path("failures").path("empty text").asInt());
        SparkSession spark = SparkSession.builder().getOrCreate();
        List<Row> rows =
                spark.read().parquet(out.resolve("predictions").toString()).collectAsList();
        int masked = 0;
        int correct = 0;
        for (Row row : rows) {
            if (row.getAs("status").equals(MaskedWordTask.SCORED)) {
                for (Row span : row.<Row>getList(row.fieldIndex("spans"))) {
                    masked++;
                    correct += span.getBoolean(span.fieldIndex("correct")) ? 1 : 0;
                }
            }
        }
        assertEquals(masked, set.path("units").path("masked").asInt());
        assertEquals(correct, set.path("units").path("correct").asInt());
        assertEquals(
                (double) correct / masked, set.path("units").path("accuracy").asDouble());
        assertEquals(3, rows.size());
        String fingerprint =
                metrics(out).path("settings").path("model_fingerprint").asText();
        assertEquals(Fingerprint.of(Path.of(Commands.model())), fingerprint);
        assertEquals(
                Version.current().toString(), metrics(out).path("code_version").asText());
        assertEquals(
                fingerprint,
                metrics(out).path("executors").path(0).path("model_fingerprint").asText());
        assertTrue(result.out().contains("bybert-jp-mini, fingerprint " + fingerprint), result.out());
    }

    @Test
    void aNotebookGetsTheFiguresOfTheCommandLine() throws IOException {
        Path data = lines("a.txt", "港には朝早くから漁船が出入りし、市場では競りの声が響いていた。", "", "山あいの村では、秋になると柿をつるして干す。");
        Commands.Result result = evaluate("--data", "港=" + data, "--unit", "char", "--print", "csv", "--seeds", "1,2");
        assertEquals(0, result.exit(), result.out());
        SparkSession spark = SparkSession.builder().getOrCreate();
        spark.read().text(data.toString()).toDF("text").createOrReplaceTempView("harbour");
        Dataset<Row> figures = Evaluation.of(
                spark, "--model", Commands.model(), "--unit", "CHAR", "--seeds", "1,2", "--data", "港=harbour");
        assertEquals(
                4,
                figures.filter("set = '港' AND texts = 'all' AND examples = 2 AND failed = 1 AND accuracy >= 0")
                        .count());
        for (Row row : figures.collectAsList()) {
            String line = IntStream.range(0, row.length())
                    .mapToObj(i -> row.isNullAt(i) ? "" : row.get(i).toString())
                    .collect(Collectors.joining(","));
            assertTrue(result.out().contains(line + "\n"), line + " in " + result.out());
        }
        spark.conf().set("spark.sql.catalog.bybert", "org.bybert.udf.sql.ByBertCatalog");
        String call = "CALL bybert.evaluate(map('港', 'harbour'), map('unit', 'char', 'seeds', '1,2', 'model', '"
                + Commands.model() + "'))";
        assertEquals(figures.collectAsList(), spark.sql(call).collectAsList());
        spark.conf().set("spark.bybert.model", Commands.model());
        assertEquals(
                figures.filter("seed = 1").collectAsList(),
                spark.sql("CALL bybert.evaluate(data => map('港', 'harbour'), "
                                + "options => map('unit', 'char', 'seed', '1', 'no_detect', 'true'))")
                        .collectAsList());
        for (Map.Entry<String, String> wrong : Map.of(
                        "CALL bybert.evaluate(map('港', 'nowhere'))", "nowhere not found",
                        "CALL bybert.evaluate(map('港', NULL))", "港: expected a value",
                        "CALL bybert.evaluate(map('港', 'harbour'), map('sead', '1'))", "Unknown option: '--sead=1'")
                .entrySet()) {
            Exception error = assertThrows(Exception.class, () -> spark.sql(wrong.getKey()));
            assertEquals("USER_RAISED_EXCEPTION", ((SparkThrowable) error).getCondition(), error.toString());
            assertTrue(error.getMessage().contains(wrong.getValue()), error.getMessage());
        }
        spark.conf().unset("spark.bybert.model");
        assertTrue(result.out().contains("bybert: 港: 1 of 3 rows failed: {empty text=1}"), result.out());
        assertTrue(spark.catalog().tableExists("harbour"));
        assertTrue(spark.sharedState().cacheManager().isEmpty());
        String model = Commands.model();
        for (String wrong : List.of("--seeds=x", "--data=harbour", "--mask-rate=2")) {
            UserError error = assertThrows(
                    UserError.class, () -> Evaluation.of(spark, "--model", model, "--data", "s=harbour", wrong));
            assertTrue(error.getMessage().contains(wrong.substring(2, 6)), error.getMessage());
        }
        spark.conf().set("spark.sql.files.ignoreCorruptFiles", true);
        try {
            UserError error = assertThrows(UserError.class, () -> Evaluation.of(spark));
            assertTrue(error.getMessage().contains("spark.sql.files.ignoreCorruptFiles=false"), error.getMessage());
        } finally {
            spark.conf().unset("spark.sql.files.ignoreCorruptFiles");
        }
    }

    @Test
    void seedDecidesAndOrderDoesNot() throws IOException {
        String[] texts = new String[40];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "第" + i + "章では、川と橋と町の話を順に述べ、最後に地図を示す。";
        }
        List<String> backwards = new ArrayList<>(List.of(texts));
        Collections.reverse(backwards);
        Path one = folder.resolve("1");
        Path two = folder.resolve("2");
        Path three = folder.resolve("3");
        evaluate("--data", "s=" + lines("a.txt", texts), "--out", one.toString());
        evaluate("--data", "s=" + lines("b.txt", backwards.toArray(String[]::new)), "--out", two.toString());
        evaluate("--data", "s=" + lines("c.txt", texts), "--seed", "43", "--out", three.toString());
        assertEquals(metrics(one).path("sets"), metrics(two).path("sets"));
        assertNotEquals(metrics(one).path("sets"), metrics(three).path("sets"));
    }

    private JsonNode run(String name, String... arguments) throws IOException {
        Path out = folder.resolve(name);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--unit", "char", "--out", out.toString()));
        Commands.Result result = evaluate(all.toArray(String[]::new));
        assertEquals(0, result.exit(), result.out());
        return metrics(out);
    }

    /** Rows of both kinds, one over the row limit, and some that fail. */
    private String someLengths() throws IOException {
        String[] texts = new String[12];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = i % 5 == 4 ? " " : "駅前の店で" + "花と本を買い、".repeat(i) + "帰った。";
        }
        return "s=" + lines("lengths.txt", texts);
    }

    @Test
    void textsWithinTheTrainingLengthAndAllInOneRun() throws IOException {
        String data = someLengths();
        Path out = folder.resolve("both");
        Commands.Result both = evaluate(
                "--data", data, "--unit", "char", "--cnt-bytes", "120", "--row-limit", "240", "--out", out.toString());
        ObjectNode all = (ObjectNode) metrics(out).path("sets").path(0);
        ObjectNode left =
                (ObjectNode) run("left", "--data", data, "--max-bytes", "120", "--cnt-bytes", "0", "--row-limit", "240")
                        .path("sets")
                        .path(0);
        ObjectNode cnt = (ObjectNode) all.remove("cnt");
        assertEquals(left, cnt.set("set", left.path("set")));
        assertEquals(1, all.path("failures").path("too long").asInt(), all.toString());
        assertTrue(left.path("excluded").asInt() > 2 && all.path("excluded").asInt() == 0, left.toString());
        assertEquals(
                run("alone", "--data", data, "--cnt-bytes", "0", "--row-limit", "240")
                        .path("sets")
                        .path(0),
                all);
        assertTrue(both.out().contains("cnt: texts of at most 120 bytes; --cnt-bytes N sets it"), both.out());
        assertTrue(both.out().lines().anyMatch(line -> line.matches("s +cnt +4 .*")), both.out());
        assertTrue(both.out().lines().anyMatch(line -> line.matches("s +all +9 .*")), both.out());
        // The model says 3,072.
        assertEquals(
                3072,
                run("own", "--data", data).path("settings").path("cnt_bytes").asInt());
        // As in embed: a text has one token added.
        assertEquals(
                3071,
                run("longest", "--data", data, "--max-bytes", "0")
                        .path("settings")
                        .path("max_bytes")
                        .asInt());
    }

    @Test
    void publishedFiguresStandBesideTheMeasuredOnes() throws IOException {
        Path data = lines("w.txt", "川の水が冷たい。", "店で本を買った。", "駅まで歩いた。", "空が青く晴れている。");
        Commands.Result result = evaluate("--preset", "100m", "--data", "wiki=" + data, "--data", "other=" + data);
        for (String found : List.of(
                "wiki +cnt .* 55\\.4 % \\(.* 68\\.0 % \\(.*",
                "wiki +all .* 26\\.3 % \\((within the interval|[+-][0-9.]+ points)\\) .* 40\\.3 % \\(.*",
                "published: paper NLP2025 Q8-5; paper NLP2025 Q8-5, model card of .*")) {
            assertTrue(result.out().lines().anyMatch(line -> line.matches(found)), result.out());
        }
        Commands.Result other = evaluate("--preset", "100m", "--data", "other=" + data);
        assertTrue(other.out().contains("none of bybert-jp-100m's published figures is shown"), other.out());
        Commands.Result none = evaluate("--data", "wiki=" + data);
        assertFalse(none.out().contains("published"), none.out());
    }

    @Test
    void severalSeedsAreThoseOfRunsOfTheirOwn() throws IOException {
        String data = someLengths();
        Path out = folder.resolve("seeds");
        Commands.Result result =
                evaluate("--data", data, "--unit", "char", "--seeds", "7,8,9", "--out", out.toString());
        assertEquals(0, result.exit(), result.out());
        JsonNode json = metrics(out);
        for (int i = 0; i < 3; i++) {
            JsonNode own = run("seed" + i, "--data", data, "--seed", String.valueOf(7 + i));
            assertEquals(own.path("sets"), json.path("seeds").path(i).path("sets"));
        }
        double[] shares = new double[3];
        for (int i = 0; i < 3; i++) {
            shares[i] = json.at("/seeds/" + i + "/sets/0/units/accuracy").asDouble();
        }
        double mean = (shares[0] + shares[1] + shares[2]) / 3;
        double squares = Arrays.stream(shares).map(s -> (s - mean) * (s - mean)).sum();
        JsonNode over = json.path("over_seeds").path(1);
        assertEquals("all", over.path("texts").asText());
        assertEquals(mean, over.at("/units/accuracy").asDouble(), 1e-12);
        assertEquals(Math.sqrt(squares / 2), over.at("/units/sd").asDouble(), 1e-12);
        assertTrue(result.out().contains("seeds 7, 8, 9, all lengths"), result.out());
        assertTrue(
                result.out().lines().anyMatch(line -> line.matches("s +all +10 +[0-9]+ +[0-9.]+ ± [0-9.]+ % .*")),
                result.out());
        SparkSession spark = SparkSession.builder().getOrCreate();
        assertEquals(
                36, spark.read().parquet(out.resolve("predictions").toString()).count());
    }

    @Test
    void seedsAndLengthsThatMakeNoSense() {
        refusedAsUsage("--seed and --seeds exclude each other", "--seed", "1", "--seeds", "1,2");
        refusedAsUsage("--seeds: expected numbers that differ, found [1, 1]", "--seeds", "1,1");
        refusedAsUsage("'--seeds'", "--seeds", "1,x");
        refusedAsUsage("--cnt-bytes: expected 0 or more, found -1", "--cnt-bytes", "-1");
        refusedAsUsage("--cnt-bytes: expected at most 10", "--cnt-bytes", "11", "--max-bytes", "10");
    }

    private void refusedAsUsage(String message, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--data", "s=a.txt"));
        all.addAll(List.of(arguments));
        Commands.Result result = evaluate(all.toArray(String[]::new));
        assertEquals(2, result.exit(), result.out());
        assertTrue(result.out().contains(message), result.out());
    }

    @Test
    void resultsAreNotOverwrittenUnasked() throws IOException {
        Path data = lines("a.txt", "庭の梅が咲いた。");
        Path out = Files.createDirectory(folder.resolve("out"));
        Path other = Files.writeString(out.resolve("notes.txt"), "keep");
        Commands.Result refused = evaluate("--data", "s=" + data, "--out", out.toString());
        assertEquals(1, refused.exit());
        assertTrue(refused.out().contains("holds no metrics.json (an unfinished run"), refused.out());
        for (int again = 0; again < 2; again++) {
            Commands.Result replaced = evaluate("--data", "s=" + data, "--out", out.toString(), "--overwrite");
            assertEquals(0, replaced.exit(), replaced.out());
        }
        assertEquals("keep", Files.readString(other));
        assertEquals(
                1,
                SparkSession.builder()
                        .getOrCreate()
                        .read()
                        .parquet(out.resolve("predictions").toString())
                        .count());
    }

    /** What cannot be written is known before the model runs. */
    @Test
    void anOutputThatCannotBeWrittenIsToldFirst() throws IOException {
        Path data = lines("a.txt", "庭の梅が咲いた。");
        Path file = Files.writeString(folder.resolve("file"), "keep");
        for (String overwrite : List.of("", "--overwrite")) {
            List<String> more = new ArrayList<>(List.of("--data", "s=" + data, "--out", file.toString()));
            more.addAll(overwrite.isEmpty() ? List.of() : List.of(overwrite));
            Commands.Result refused = evaluate(more.toArray(String[]::new));
            assertEquals(1, refused.exit());
            assertEquals("bybert: --out: " + file + ": expected a folder, found a file", last(refused));
            assertFalse(refused.out().contains("scoring"), refused.out());
        }
        assertEquals("keep", Files.readString(file));
        Commands.Result store = evaluate("--data", "s=" + data, "--out", "s3a://bucket/x");
        assertEquals(1, store.exit());
        assertTrue(
                last(store).startsWith("bybert: --out: s3a://bucket/x cannot be written: classes")
                        && last(store).contains("--packages org.apache.hadoop:hadoop-aws:"),
                store.out());
        Path full = Files.createDirectory(folder.resolve("full"));
        Files.createDirectory(full.resolve("_trial"));
        Files.writeString(full.resolve("_trial/in-the-way"), "");
        Commands.Result trial = evaluate("--data", "s=" + data, "--out", full.toString(), "--overwrite");
        assertEquals(1, trial.exit());
        assertTrue(last(trial).startsWith("bybert: --out: " + full + " cannot be written: "), trial.out());
        assertFalse(trial.out().contains("scoring"), trial.out());
    }

    /** A disk that is full by the end must not take the figures with it. */
    @Test
    void theTableIsPrintedBeforeTheResultsAreWritten() throws IOException {
        Path data = lines("a.txt", "庭の梅が咲いた。");
        Path out = Files.createDirectory(folder.resolve("out"));
        // Deleting it before the run and renaming onto it after that both fail on a folder that holds something.
        Files.createDirectory(out.resolve("_metrics.json.part"));
        Files.writeString(out.resolve("_metrics.json.part/in-the-way"), "");
        Commands.Result failed =
                evaluate("--data", "s=" + data, "--unit", "char", "--out", out.toString(), "--overwrite");
        assertEquals(1, failed.exit());
        assertTrue(failed.out().contains("char accuracy"), failed.out());
        assertTrue(last(failed).startsWith("bybert: ") && last(failed).contains("cannot be written"), failed.out());
        assertFalse(failed.out().contains("\tat "), failed.out());
    }

    private static String last(Commands.Result result) {
        return result.out().lines().reduce("", (before, line) -> line);
    }

    @Test
    void whatIsDoneIsToldAndResultsSayWhatWasAsked() throws IOException {
        Path few = lines("few.txt", "庭の梅が咲いた。", "庭の梅が咲いた。");
        Path more = lines("more.txt", "春", "夏が来る。", "秋", "冬");
        Path out = folder.resolve("out");
        Commands.Result result = evaluate(
                "--data",
                "後=" + few,
                "--data",
                "a=" + more,
                "--unit",
                "byte",
                "--text-expr",
                "concat(value, '。')",
                "--row-limit",
                "0",
                "--out",
                out.toString());
        assertEquals(0, result.exit(), result.out());
        for (String step :
                List.of("opening the model", "starting Spark", "measuring the input", "scoring 6 rows of 後, a")) {
            assertTrue(result.out().contains("bybert: " + step + "\n"), result.out());
        }
        assertTrue(
                result.out().contains("bytes masked  byte accuracy")
                        && !result.out().contains("bytes masked  byte " + "accuracy  95 % CI  bytes masked"),
                result.out());
        assertTrue(result.out().contains("(n/a)"), result.out());
        // Without an id column rows are known by their text, and equal ones are no mistake of ids.
        assertFalse(result.out().contains("have an id that an earlier row has"), result.out());
        JsonNode json = metrics(out);
        assertEquals(List.of("後", "a"), json.path("sets").findValuesAsText("set"));
        JsonNode settings = json.path("settings");
        assertEquals("concat(value, '。')", settings.path("text_expr").path("後").asText());
        for (String name : List.of("text_column", "id_column")) {
            assertTrue(settings.path(name).path("後").isNull(), name);
        }
        for (String name : List.of("preset", "segmenter", "max_bytes", "row_limit")) {
            assertTrue(settings.path(name).isNull(), name);
        }
        json.path("sets").forEach(set -> {
            boolean none = set.path("scored").asInt() <= 3;
            assertEquals(none, set.path("units").path("ci95").isNull(), set.toString());
            assertEquals(none, set.path("bytes").path("ci95").isNull(), set.toString());
        });
        assertEquals(Runtime.version().toString(), json.path("java_version").asText());
        SparkSession spark = SparkSession.builder().getOrCreate();
        assertEquals(spark.version(), json.path("spark_version").asText());
        List<String> gold = spark
                .read()
                .parquet(out.resolve("predictions").toString())
                .selectExpr("explode(spans.gold)")
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList();
        assertTrue(gold.stream().allMatch(byteText -> byteText.matches("0x[0-9A-F]{2}")), gold.toString());
    }

    @Test
    void idsThatAreGivenCountAsDuplicatesWhateverTheyLookLike() throws IOException {
        String id = "sha256:0123456789abcdef";
        Path given =
                Files.writeString(folder.resolve("given.csv"), "id,text\n" + id + ",港の朝\n" + id + ",山の道\n,海の音\n,海の音\n");
        Path none = Files.writeString(folder.resolve("none.txt"), "海の音\n海の音\n");
        Path out = folder.resolve("ids");
        Commands.Result result = evaluate(
                "--unit", "char", "--data", "given=" + given, "--data", "none=" + none, "--out", out.toString());
        assertEquals(0, result.exit(), result.out());
        assertTrue(result.out().contains("given: 1 of 4 rows have an id that an earlier row has"), result.out());
        assertFalse(result.out().contains("none: "), result.out());
        JsonNode settings = metrics(out).path("settings");
        assertEquals(
                "{\"given\":\"id\",\"none\":null}", settings.path("id_column").toString());
        assertEquals(
                "{\"given\":\"text\",\"none\":\"value\"}",
                settings.path("text_column").toString());
    }

    @Test
    void textOfAnotherEncodingIsRefusedOrReadByItsName() throws IOException {
        Path data = Files.write(folder.resolve("a.csv"), "id,text\n1,港の朝\n2,山の道\n".getBytes("windows-31j"));
        Commands.Result refused = evaluate("--unit", "char", "--data", "s=" + data);
        assertEquals(1, refused.exit());
        assertTrue(refused.out().contains("(--encoding names another, e.g. windows-31j)=2"), refused.out());
        Commands.Result read = evaluate("--unit", "char", "--data", "s=" + data, "--encoding", "cp932");
        assertEquals(0, read.exit(), read.out());
        Commands.Result unknown = evaluate("--data", "s=" + data, "--encoding", "kanji");
        assertEquals(2, unknown.exit());
        assertTrue(unknown.out().contains("--encoding: expected a character set"), unknown.out());
        Commands.Result both = evaluate("--data", "s=" + data, "--text-column", "text", "--text-expr", "upper(text)");
        assertEquals(2, both.exit());
        assertTrue(both.out().contains("--text-column and --text-expr exclude each other"), both.out());
    }

    @Test
    void compressedFilesThatAreCutOffAreNamed() throws IOException {
        for (String name : List.of("a.jsonl.gz", "a.csv.gz", "a.txt.gz")) {
            for (int rows : List.of(10, 40_000)) {
                ByteArrayOutputStream zipped = new ByteArrayOutputStream();
                Random random = new Random(1);
                try (var out = new GZIPOutputStream(zipped)) {
                    out.write("text\n".repeat(name.equals("a.csv.gz") ? 1 : 0).getBytes(StandardCharsets.UTF_8));
                    for (int i = 0; i < rows; i++) {
                        String value = Long.toString(random.nextLong());
                        out.write((name.contains("jsonl") ? "{\"text\":\"" + value + "\"}\n" : value + "\n")
                                .getBytes(StandardCharsets.UTF_8));
                    }
                }
                Path path = Files.write(folder.resolve(name), Arrays.copyOf(zipped.toByteArray(), zipped.size() - 9));
                Commands.Result result = evaluate("--unit", "char", "--max-bytes", "1", "--data", "s=" + path);
                assertEquals(1, result.exit());
                String last = result.out().lines().reduce("", (before, line) -> line);
                assertTrue(
                        last.startsWith("bybert: ") && last.contains(name) && last.contains("truncated"), result.out());
            }
        }
    }

    @Test
    void aSetWithoutAnyScoredRowFailsWithItsReasons() throws IOException {
        Path out = folder.resolve("out");
        Commands.Result result = evaluate("--data", "s=" + lines("a.txt", " ", "\u3000"), "--out", out.toString());
        assertEquals(1, result.exit());
        assertTrue(result.out().contains("no row could be scored"), result.out());
        assertEquals(0, metrics(out).path("breakdowns").size());
        assertTrue(Files.readString(out.resolve("report.html")).contains("\"examples\":[]"));
        assertTrue(result.out().contains("blank text=2"), result.out());
    }

    @Test
    void aBadModelStopsBeforeSparkStarts() throws IOException {
        Path data = lines("a.txt", "春");
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer_config.json")) {
            Commands.Result result =
                    Commands.run("evaluate", "--no-detect", "--model", model.toString(), "--data", "s=" + data);
            assertEquals(1, result.exit());
            assertTrue(result.out().contains(name), result.out());
            Files.copy(Path.of(Commands.model()).resolve(name), model.resolve(name));
        }
        byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
        Files.write(model.resolve("model.safetensors"), Arrays.copyOf(weights, weights.length - 1));
        Commands.Result truncated = Commands.run("evaluate", "--model", model.toString(), "--data", "s=" + data);
        assertTrue(truncated.out().contains("truncated"), truncated.out());
        assertFalse(truncated.out().contains("\tat "), truncated.out());
    }

    /** Damage that only shows when the weights are read must still end in one line that names it. */
    @Test
    void damageFoundByATaskIsExplained() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer_config.json")) {
            Files.copy(Path.of(Commands.model()).resolve(name), model.resolve(name));
        }
        byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
        weights[weights.length - 1] = 0x7f;
        weights[weights.length - 2] = (byte) 0xc0;
        Files.write(model.resolve("model.safetensors"), weights);
        Commands.Result result = Commands.run(
                "evaluate", "--model", model.toString(), "--data", "s=" + lines("a.txt", "春"), "--unit", "char");
        assertEquals(1, result.exit());
        String last = result.out().lines().reduce("", (before, line) -> line);
        assertTrue(
                last.startsWith("bybert: ")
                        && last.contains("lm_head.weight: row 287 holds a value that is not finite"),
                result.out());
    }

    @Test
    void theSegmenterIsChosenAndRecorded() throws IOException {
        Path data = lines("a.txt", "2026年の川の水は冷たい。");
        Path out = folder.resolve("out");
        Commands.Result cut = evaluate(
                "--data", "s=" + data, "--segmenter", "unidic", "--join-digits", "off", "--out", out.toString());
        assertEquals(0, cut.exit(), cut.out());
        assertTrue(cut.out().contains("words by unidic, runs not joined"), cut.out());
        JsonNode recorded = metrics(out).path("settings").path("segmenter");
        assertEquals("unidic", recorded.path("name").asText());
        assertFalse(recorded.path("join_digits").asBoolean(true));
        assertTrue(recorded.path("dictionary_hash").asText().matches("[0-9a-f]{64}"), recorded::toString);
        Path source = Files.createDirectory(folder.resolve("unidic-source"));
        Files.writeString(source.resolve("lex.csv"), "川,1,1,500,*\n");
        Commands.Result refused = evaluate("--data", "s=" + data, "--segmenter", "mecab:" + source);
        assertEquals(1, refused.exit());
        assertTrue(refused.out().contains("holds the source of a dictionary"), refused.out());
        assertFalse(refused.out().contains("starting Spark"), refused.out());
        Commands.Result unknown = evaluate("--data", "s=" + data, "--segmenter", "juman");
        assertEquals(2, unknown.exit());
        assertTrue(unknown.out().contains("--segmenter: expected unidic or mecab:DIR, found 'juman'"), unknown.out());
        Commands.Result both = evaluate("--data", "s=" + data, "--segmenter", "mecab:x", "--unit", "char");
        assertEquals(2, both.exit());
        assertTrue(both.out().contains("--segmenter: cuts words, but --unit is char"), both.out());
    }

    @Test
    void severalPassesAreMeasuredBesideTheOneOfThePaper() throws IOException {
        String data = someLengths();
        JsonNode once = run("once", "--data", data, "--cnt-bytes", "120", "--row-limit", "240")
                .path("sets");
        Path out = folder.resolve("several");
        Commands.Result result = evaluate(
                "--data",
                data,
                "--cnt-bytes",
                "120",
                "--row-limit",
                "240",
                "--unit",
                "char",
                "--passes",
                "3",
                "--out",
                out.toString());
        assertEquals(0, result.exit(), result.out());
        ObjectNode set = (ObjectNode) metrics(out).path("sets").path(0);
        assertEquals(3, metrics(out).path("settings").path("passes").asInt());
        long rows = 0;
        int correct = 0;
        int correctBytes = 0;
        int different = 0;
        for (Row row : SparkSession.builder()
                .getOrCreate()
                .read()
                .parquet(out.resolve("predictions").toString())
                .collectAsList()) {
            if (!row.getAs("status").equals(MaskedWordTask.SCORED)) {
                assertTrue(row.isNullAt(row.fieldIndex("passes")));
                continue;
            }
            int passes = row.<Integer>getAs("passes");
            assertTrue(passes >= 1 && passes <= 3, row.toString());
            rows += passes;
            for (Row span : row.<Row>getList(row.fieldIndex("spans"))) {
                String gold = span.getAs("gold");
                String filled = span.getAs("filled");
                correct += gold.equals(filled) ? 1 : 0;
                correctBytes += span.<Integer>getAs("filled_correct_bytes");
                different += filled.equals(span.getAs("predicted")) ? 0 : 1;
                assertEquals(
                        gold.equals(filled),
                        span.<Integer>getAs("filled_correct_bytes") == gold.getBytes(StandardCharsets.UTF_8).length);
            }
        }
        assertTrue(different > 0);
        JsonNode passes = set.path("passes");
        assertEquals(rows, passes.path("rows").asLong());
        assertTrue(rows > set.path("scored").asLong());
        assertEquals(correct, passes.path("units").path("correct").asInt());
        assertEquals(correctBytes, passes.path("bytes").path("correct").asInt());
        assertEquals(set.path("units").path("masked"), passes.path("units").path("masked"));
        String cost = String.format(
                java.util.Locale.ROOT,
                "%.2f",
                (double) rows / set.path("scored").asLong());
        assertTrue(
                result.out().matches("(?s).*\ns +all +1 +\\d+ +1\\.00 .*\ns +all +3 +" + rows + " +" + cost + " .*"),
                result.out());
        set.remove("passes");
        assertTrue(((ObjectNode) set.path("cnt")).remove("passes").path("rows").asLong() < rows);
        assertEquals(once.path(0), set);
        JsonNode seeds = run("seeds", "--data", data, "--row-limit", "240", "--passes", "3", "--seeds", "42,7");
        assertEquals(passes, seeds.path("seeds").path(0).path("sets").path(0).path("passes"));
        assertEquals(
                rows
                        + seeds.path("seeds")
                                .path(1)
                                .path("sets")
                                .path(0)
                                .path("passes")
                                .path("rows")
                                .asLong(),
                seeds.path("over_seeds").path(1).path("passes").path("rows").asLong());
        for (List<String> wrong : List.of(
                List.of("passes: expected 1 or more, found 0", "--passes", "0"),
                List.of("passes: expected 1 or more, found -1", "--passes", "-1"),
                List.of("passes: each writes whole characters", "--passes", "2", "--unit", "byte"))) {
            List<String> arguments = new ArrayList<>(List.of("--data", data));
            arguments.addAll(wrong.subList(1, wrong.size()));
            Commands.Result refused = evaluate(arguments.toArray(String[]::new));
            assertEquals(2, refused.exit(), refused.out());
            assertTrue(refused.out().contains(wrong.get(0)), refused.out());
        }
    }
}
