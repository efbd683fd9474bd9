package org.bybert.job.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.Commands;
import org.bybert.job.metrics.Breakdown;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code report.html}, as {@code evaluate} and {@code report} write it. */
class ReportTest {

    private static final String HOSTILE = "<script>document.title='x'</script><b>太字</b>と\"引用\"、</script>の後の文。";

    /** Names that evaluate refuses, and predictions that others wrote may have. */
    private static final String QUOTED = "a\"<b>'&";

    @TempDir
    static Path folder;

    /** What all tests look at, and none changes. */
    private static Path run;

    @BeforeAll
    static void evaluateOnce() throws IOException {
        run = evaluate("run", "港には朝早くから漁船が出入りし、市場では競りの声が響いていた。", HOSTILE, "2026年はABCと12。");
    }

    private static Path evaluate(String name, String... texts) throws IOException {
        Path data = Files.write(folder.resolve(name + ".txt"), List.of(texts));
        Path out = folder.resolve(name);
        Commands.Result result = Commands.run(
                "evaluate",
                "--model",
                Commands.model(),
                "--data",
                "a=" + data,
                "--data",
                "港=" + data,
                "--out",
                out.toString());
        assertEquals(texts[0].isEmpty() ? 1 : 0, result.exit(), result.out());
        return out;
    }

    /** A copy of the run, changed. */
    private static Path rewritten(String name, UnaryOperator<Dataset<Row>> change, UnaryOperator<String> metrics)
            throws IOException {
        Path out = Files.createDirectory(folder.resolve(name));
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            change.apply(spark.read().parquet(run.resolve("predictions").toString()))
                    .write()
                    .partitionBy("set")
                    .parquet(out.resolve("predictions").toString());
        }
        Files.writeString(out.resolve("metrics.json"), metrics.apply(Files.readString(run.resolve("metrics.json"))));
        return out;
    }

    private static String report(Path out) throws IOException {
        Commands.Result result = Commands.run("report", out.toString());
        assertEquals(0, result.exit(), result.out());
        return Files.readString(out.resolve("report.html"));
    }

    private static JsonNode data(Path out) throws IOException {
        Matcher json = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
                .matcher(Files.readString(out.resolve("report.html")));
        assertTrue(json.find());
        return new JsonMapper().readTree(json.group(1));
    }

    private static long masked(JsonNode breakdown, String dimension) {
        long masked = 0;
        for (JsonNode group : breakdown.path("by").path(dimension)) {
            masked += group.path("masked").asLong();
        }
        return masked;
    }

    @Test
    void everyDimensionCountsEveryUnitOnce() throws IOException {
        JsonNode data = data(run);
        JsonNode metrics = new JsonMapper().readTree(run.resolve("metrics.json").toFile());
        assertEquals(metrics, data.path("metrics"));
        assertEquals(2, metrics.path("breakdowns").size());
        for (int i = 0; i < 2; i++) {
            JsonNode breakdown = metrics.path("breakdowns").path(i);
            JsonNode set = metrics.path("sets").path(i);
            assertEquals(set.path("set"), breakdown.path("set"));
            for (Breakdown.Dimension dimension : Breakdown.Dimension.values()) {
                assertEquals(
                        set.path("units").path("masked").asLong(),
                        masked(breakdown, dimension.name().toLowerCase(Locale.ROOT)),
                        dimension.name());
            }
        }
        assertFalse(Files.readString(run.resolve("report.html")).contains(HOSTILE));
        assertTrue(
                data.path("examples").toString().contains("太字"),
                data.path("examples").toString());
    }

    @Test
    void aReportIsMadeAgainFromTheRun() throws IOException {
        Path copy = rewritten("again", predictions -> predictions, metrics -> metrics);
        assertEquals(Files.readString(run.resolve("report.html")), report(copy));
        assertEquals(Files.readString(run.resolve("metrics.json")), Files.readString(copy.resolve("metrics.json")));
    }

    @Test
    void predictionsOfAnEarlierVersionHaveNoPartOfSpeech() throws IOException {
        Path old = rewritten(
                "old",
                predictions -> predictions.withColumn(
                        "spans",
                        expr("transform(spans, s -> struct(s.start, s.`end`, s.gold, s.predicted, s.correct,"
                                + " s.correct_bytes, s.probability))")),
                metrics -> metrics);
        report(old);
        JsonNode by = data(old).path("metrics").path("breakdowns").path(0).path("by");
        assertTrue(by.has("script"));
        assertFalse(by.has("part_of_speech"));
    }

    @Test
    void whatIsNoRunIsRefusedInOneLine() throws IOException {
        for (String name : List.of(folder.toString(), folder.resolve("missing").toString())) {
            Commands.Result result = Commands.run("report", name);
            assertEquals(1, result.exit(), result.out());
            assertTrue(
                    result.out().contains("bybert: " + name + ": expected a folder that bybert evaluate --out wrote"),
                    result.out());
        }
        Path broken =
                Files.createDirectories(folder.resolve("broken/predictions")).getParent();
        Files.writeString(broken.resolve("metrics.json"), "{}");
        Commands.Result result = Commands.run("report", broken.toString());
        assertEquals(1, result.exit(), result.out());
        assertTrue(result.out().contains("found one without sets"), result.out());
    }

    @Test
    void aRunWithoutScoredRowsHasNothingToDraw() throws IOException {
        Path out = evaluate("none", "", "");
        assertEquals(0, data(out).path("metrics").path("breakdowns").size());
        assertEquals(0, data(out).path("examples").size());
    }

    private static String browser() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(path -> Path.of(path, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    /** @return what the browser says, and the page once it has run */
    private String open(Path page, String... more) throws IOException, InterruptedException {
        String browser = browser();
        Assumptions.assumeTrue(browser != null, "no chromium on this machine");
        List<String> command = new ArrayList<>(List.of(browser, "--headless", "--no-sandbox", "--disable-gpu"));
        command.addAll(List.of("--user-data-dir=" + folder.resolve("profile"), "--virtual-time-budget=10000"));
        command.addAll(List.of("--hide-scrollbars", "--enable-logging=stderr"));
        command.addAll(List.of(more));
        command.add(page.toUri().toString());
        Path log = folder.resolve("browser.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        return Files.readString(log);
    }

    @Test
    void aBrowserDrawsEveryChartAndFetchesNothing() throws IOException, InterruptedException {
        Path out = rewritten(
                "quoted",
                predictions -> predictions.withColumn(
                        "set", when(col("set").equalTo("a"), QUOTED).otherwise(col("set"))),
                metrics -> metrics.replace("\"set\" : \"a\"", "\"set\" : \"" + QUOTED.replace("\"", "\\\"") + '"'));
        report(out);
        Path page = out.resolve("report.html");
        String dumped = open(page, "--dump-dom");
        assertFalse(dumped.contains(":CONSOLE"), dumped);
        Matcher charts = Pattern.compile("data-charts=\"([0-9]+)\"").matcher(dumped);
        assertTrue(charts.find(), dumped);
        assertEquals(7, Integer.parseInt(charts.group(1)));
        assertEquals(7, Pattern.compile("<canvas").matcher(dumped).results().count());
        assertFalse(dumped.contains("<title>x</title>"), dumped);
        for (int width : new int[] {1280, 390}) {
            Path picture = Path.of("target", "report-" + width + ".png").toAbsolutePath();
            Files.deleteIfExists(picture);
            open(page, "--window-size=" + width + ",2400", "--screenshot=" + picture);
            assertTrue(Files.size(picture) > 20_000, picture.toString());
        }
    }
}
