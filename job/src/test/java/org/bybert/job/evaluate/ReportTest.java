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
        Path data = Files.write(
                folder.resolve("data.txt"),
                List.of("港には朝早くから漁船が出入りし、市場では競りの声が響いていた。", HOSTILE, "2026年はABCと12。", "川の水は冷たい。", "柿を干す。"));
        run = folder.resolve("run");
        Commands.Result result = Commands.run(
                "evaluate",
                "--model",
                Commands.model(),
                "--data",
                "a=" + data,
                "--data",
                "港=" + data,
                "--out",
                run.toString());
        assertEquals(0, result.exit(), result.out());
    }

    /** The run, as others would have made it. */
    private static Path rewritten(String name, String spans, String set, UnaryOperator<String> metrics)
            throws IOException {
        Path out = Files.createDirectory(folder.resolve(name));
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            spark.read()
                    .parquet(run.resolve("predictions").toString())
                    .withColumn("spans", expr("transform(spans, s -> " + spans + ")"))
                    .withColumn("set", when(col("set").equalTo("a"), set).otherwise(col("set")))
                    .write()
                    .partitionBy("set")
                    .parquet(out.resolve("predictions").toString());
        }
        Files.writeString(out.resolve("metrics.json"), metrics.apply(Files.readString(run.resolve("metrics.json"))));
        return out;
    }

    private static JsonNode data(Path page) throws IOException {
        Matcher json = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
                .matcher(Files.readString(page));
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
        JsonNode data = data(run.resolve("report.html"));
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
        String page = Files.readString(run.resolve("report.html"));
        String metrics = Files.readString(run.resolve("metrics.json"));
        Files.delete(run.resolve("report.html"));
        Commands.Result result = Commands.run("report", run.toString());
        assertEquals(0, result.exit(), result.out());
        assertEquals(page, Files.readString(run.resolve("report.html")));
        assertEquals(metrics, Files.readString(run.resolve("metrics.json")));
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
        String metrics = Files.readString(run.resolve("metrics.json"));
        for (List<String> content : List.of(
                List.of("{}", "found one without sets"),
                List.of(metrics.substring(0, 100), "metrics.json: expected JSON as an earlier run wrote it"),
                List.of(metrics, "/predictions: cannot be read: "))) {
            Files.writeString(broken.resolve("metrics.json"), content.get(0));
            Commands.Result result = Commands.run("report", broken.toString());
            assertEquals(1, result.exit(), result.out());
            assertTrue(result.out().contains(content.get(1)), result.out());
            assertEquals(2, result.out().lines().count(), result.out());
        }
    }

    @Test
    void runsOfTheSameMasksAreCompared() throws IOException {
        Path same = Files.createDirectory(folder.resolve("same"));
        try (Stream<Path> files = Files.walk(run)) {
            for (Path file : files.filter(file -> !file.equals(run)).toList()) {
                Files.copy(file, same.resolve(run.relativize(file)));
            }
        }
        Path better = rewritten(
                "better",
                "struct(s.start, s.`end`, s.gold, s.gold AS predicted, true AS correct, s.`end` - s.start AS correct_bytes, s.probability)",
                "a",
                metrics -> metrics);
        Path page = folder.resolve("comparison.html");
        Commands.Result result =
                Commands.run("compare", run.toString(), same.toString(), better.toString(), "--html", page.toString());
        assertEquals(0, result.exit(), result.out());
        JsonNode comparisons = data(page).path("comparisons");
        assertEquals(4, comparisons.size());
        for (JsonNode one : comparisons) {
            boolean isSame = one.path("run").asText().equals(same.toString());
            JsonNode compared = one.path("comparison");
            assertEquals(5, compared.path("examples").asInt());
            assertEquals(
                    isSame ? "no difference shown" : "better",
                    compared.path("unit").path("verdict").asText());
            assertEquals(0, compared.path("only_first").asInt());
            assertEquals(isSame, compared.path("only_other").asInt() == 0);
        }
        assertTrue(result.out().contains("no difference shown") && result.out().contains("better"), result.out());
        if (browser() != null) {
            assertEquals(1, charts(open(page, "--dump-dom")));
        }
    }

    @Test
    void runsThatDidNotMaskTheSameAreNotCompared() throws IOException {
        Path other =
                rewritten("masks", "struct(s.start, s.`end`, concat(s.gold, s.gold) AS gold)", "a", metrics -> metrics);
        String metrics = Files.readString(run.resolve("metrics.json"));
        for (List<String> refused : List.of(
                List.of(
                        metrics.replace("\"seed\" : 42", "\"seed\" : 43"),
                        "found seed 42 in " + run + " and 43 in " + other),
                List.of(
                        metrics.replace("\"seed\" : 42", "\"seed\" : null")
                                .replaceFirst("\\{", "{\"seeds\" : [{\"seed\" : 1}, {\"seed\" : 2}],"),
                        "found seed 42 in " + run + " and 1, 2 in " + other),
                List.of(
                        metrics.replace("\"set\" : \"a\"", "\"set\" : \"b\""),
                        "found [a, 港] in " + run + " and [b, 港] in " + other),
                List.of(metrics, "have other words masked there; evaluate both with the same data"))) {
            Files.writeString(other.resolve("metrics.json"), refused.get(0));
            Commands.Result result = Commands.run("compare", run.toString(), other.toString());
            assertEquals(1, result.exit(), result.out());
            assertTrue(result.out().contains(refused.get(1)), result.out());
        }
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
    private static String open(Path page, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(browser(), "--headless", "--no-sandbox", "--disable-gpu"));
        command.addAll(List.of("--user-data-dir=" + folder.resolve("profile"), "--virtual-time-budget=10000"));
        command.addAll(List.of("--hide-scrollbars", "--enable-logging=stderr"));
        command.addAll(List.of(more));
        command.add(page.toUri().toString());
        Path log = folder.resolve("browser.log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(log);
    }

    /** Number of charts, all of which have drawn; what the page's policy keeps it from fetching is an error, too. */
    private static int charts(String dumped) {
        assertFalse(dumped.contains(":CONSOLE"), dumped);
        String[] charts = dumped.split("class=\"chart\"", -1);
        for (int i = 1; i < charts.length; i++) {
            assertTrue(
                    charts[i].substring(0, charts[i].indexOf("</figure>")).matches("(?s).*<svg.*<path.*</svg>.*"),
                    charts[i]);
        }
        return charts.length - 1;
    }

    @Test
    void aBrowserDrawsEveryChartAndFetchesNothing() throws IOException {
        Assumptions.assumeTrue(browser() != null, "no chromium on this machine: reports were not opened in a browser");
        Path page = run.resolve("report.html");
        String dumped = open(page, "--dump-dom");
        assertEquals(7, charts(dumped));
        assertFalse(dumped.contains("<title>x</title>"), dumped);
        assertTrue(dumped.contains("&lt;b&gt;"), dumped);
        for (int width : new int[] {1280, 390}) {
            Path picture = Path.of("target", "report-" + width + ".png").toAbsolutePath();
            Files.deleteIfExists(picture);
            open(page, "--window-size=" + width + ",4000", "--screenshot=" + picture);
            assertTrue(Files.size(picture) > 20_000, picture.toString());
        }
    }

    @Test
    void oneSpanIsARunToo() throws IOException {
        Path data = Files.writeString(folder.resolve("one.txt"), "猫。\n");
        Path one = folder.resolve("one");
        Commands.Result result = Commands.run(
                "evaluate",
                "--model",
                Commands.model(),
                "--data",
                "s=" + data,
                "--unit",
                "char",
                "--passes",
                "3",
                "--out",
                one.toString());
        assertEquals(0, result.exit(), result.out());
        JsonNode breakdown = data(one.resolve("report.html"))
                .path("metrics")
                .path("breakdowns")
                .path(0);
        for (Breakdown.Dimension dimension : Breakdown.Dimension.values()) {
            String name = dimension.name().toLowerCase(Locale.ROOT);
            assertEquals(breakdown.path("by").has(name) ? 1 : 0, masked(breakdown, name), name);
        }
        if (browser() != null) {
            String dumped = open(one.resolve("report.html"), "--dump-dom");
            assertEquals(6, charts(dumped));
            assertTrue(dumped.contains("In several passes") && dumped.contains("<td>3</td>"), dumped);
        }
    }

    @Test
    void predictionsOfAnEarlierVersionHaveNoPartOfSpeech() throws IOException {
        Path old = rewritten(
                "old",
                "struct(s.start, s.`end`, s.gold, s.predicted, s.correct, s.correct_bytes, s.probability)",
                QUOTED,
                metrics -> metrics.replace("\"set\" : \"a\"", "\"set\" : \"" + QUOTED.replace("\"", "\\\"") + '"'));
        Commands.Result result = Commands.run("report", old.toString());
        assertEquals(0, result.exit(), result.out());
        JsonNode breakdown = data(old.resolve("report.html"))
                .path("metrics")
                .path("breakdowns")
                .path(0);
        assertEquals(QUOTED, breakdown.path("set").asText());
        assertTrue(breakdown.path("by").has("script"));
        assertFalse(breakdown.path("by").has("part_of_speech"));
        if (browser() != null) {
            String dumped = open(old.resolve("report.html"), "--dump-dom");
            assertEquals(6, charts(dumped));
            assertTrue(dumped.contains("<td>a\"&lt;b&gt;'&amp;</td>"), dumped);
        }
    }
}
