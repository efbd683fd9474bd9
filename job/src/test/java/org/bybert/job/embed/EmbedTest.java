package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Version;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.job.Commands;
import org.bybert.job.terminal.Terminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedTest {

    private static final Terminal TERMINAL = new Terminal(
            new PrintWriter(System.out, false, StandardCharsets.UTF_8),
            new PrintWriter(System.err, false, StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    private Commands.Result embed(String... more) {
        List<String> arguments = new ArrayList<>(List.of("embed", "--model", Commands.model()));
        arguments.addAll(List.of(more));
        return Commands.run(arguments.toArray(String[]::new));
    }

    private void done(Path out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(List.of("--output", out.toString()));
        Commands.Result result = embed(arguments.toArray(String[]::new));
        assertEquals(0, result.exit(), result.out());
    }

    private void refused(int exit, String reason, String... more) {
        Commands.Result result = embed(more);
        assertEquals(exit, result.exit(), result.out());
        assertTrue(result.out().contains(reason), result.out());
        assertFalse(result.out().contains("\tat "), result.out());
    }

    private static JsonNode metrics(Path out) throws IOException {
        return new JsonMapper().readTree(out.resolve("_bybert/metrics.json").toFile());
    }

    private static List<Row> rows(Path out) {
        return SparkSession.builder()
                .getOrCreate()
                .read()
                .parquet(out.toString())
                .collectAsList();
    }

    private static <T> Map<String, T> byId(Path out, Function<Row, T> value) {
        return rows(out).stream().collect(Collectors.toMap(row -> row.getAs("id"), value));
    }

    private static List<Float> embedding(Row row) {
        return row.isNullAt(row.fieldIndex("embedding")) ? List.of() : row.getList(row.fieldIndex("embedding"));
    }

    private Path lines(String name, List<String> lines) throws IOException {
        return Files.write(folder.resolve(name), lines);
    }

    private static String line(int i) {
        return "{\"id\":\"r" + i + "\",\"day\":" + i % 3 + ",\"text\":\"" + i + "番の船は" + "港を出て沖へ向かう。".repeat(i % 7)
                + "\"}";
    }

    private Path harbour() throws IOException {
        List<String> lines =
                new ArrayList<>(IntStream.range(0, 60).mapToObj(EmbedTest::line).toList());
        lines.add("{\"id\":\"none\",\"text\":null}");
        lines.add("{\"id\":\"empty\",\"text\":\"\"}");
        lines.add("{\"id\":\"long\",\"text\":\"" + "灯台の光が海を照らす。".repeat(200) + "\"}");
        lines.add("{\"id\":\"surrogate\",\"text\":\"\\ud83dと\"}");
        lines.add("{\"id\":");
        return lines("harbour.jsonl", lines);
    }

    @Test
    void everyRowIsWrittenOnceWithTheSameBitsHoweverRowsAreSpread() throws IOException {
        String input = harbour().toString();
        Path auto = folder.resolve("auto");
        Path three = folder.resolve("three");
        Path off = folder.resolve("off");
        done(auto, "--input", input, "--id-column", "id", "--keep", "none");
        done(three, "--input", input, "--id-column", "id", "--repartition", "3", "--batch-bytes", "300");
        done(off, "--input", input, "--id-column", "id", "--repartition", "off", "--output-format", "orc");
        JsonNode total = metrics(auto).path("total");
        for (String name : List.of("rows", "bytes", "tokens", "truncated", "errors")) {
            assertEquals(total.path(name), metrics(auto).path("accumulators").path(name), name);
        }
        assertEquals(65, total.path("rows").asInt());
        assertTrue(Files.readString(auto.resolve("_bybert/summary.txt")).startsWith("65 rows, "));
        assertEquals(total, metrics(three).path("total"));
        assertEquals(total, metrics(off).path("total"));
        assertEquals(3, metrics(three).path("units").asInt());
        assertEquals(
                "{\"null text\":1,\"the line holds an unpaired surrogate\":1,\"the line is not a valid JSON object\":1,"
                        + "\"too long\":1}",
                total.path("errors").toString());

        List<Row> rows = rows(auto);
        assertEquals(65, rows.size());
        assertEquals(
                List.of("id", "embedding", "n_bytes", "n_tokens", "truncated", "error"),
                List.of(rows.get(0).schema().fieldNames()));
        Row long_ = rows.stream()
                .filter(row -> "long".equals(row.getAs("id")))
                .findFirst()
                .orElseThrow();
        assertTrue(long_.<String>getAs("error").startsWith("too long: 6601 tokens"), long_.toString());
        ByBert encoder = ByBert.open(Path.of(Commands.model()));
        float[] expected =
                encoder.newSession().embed(List.of(encoder.tokenizer().encode("0番の船は")), Pooling.MEAN)[0];
        Row first = rows.stream()
                .filter(row -> "r0".equals(row.getAs("id")))
                .findFirst()
                .orElseThrow();
        assertEquals(
                IntStream.range(0, expected.length).mapToObj(i -> expected[i]).toList(), embedding(first));
        assertNull(first.getAs("error"));
    }

    @Test
    void specialTokensInTextsAreReadAsTheyAreSpelledUnlessSomebodySaysOtherwise() throws IOException {
        String text = "<s>1980円</s><pad>";
        String input = lines("prices.jsonl", List.of("{\"id\":\"a\",\"text\":\"" + text + "\"}"))
                .toString();
        ByBert encoder = ByBert.open(Path.of(Commands.model()));
        for (String how : List.of("text", "parse")) {
            Path out = folder.resolve(how);
            String[] asked = how.equals("text")
                    ? new String[] {"--input", input}
                    : new String[] {"--input", input, "--special-tokens", "parse"};
            done(out, asked);
            int[] ids = how.equals("text")
                    ? encoder.tokenizer().encodePlain(text)
                    : encoder.tokenizer().encode(text);
            float[] expected = encoder.newSession().embed(List.of(ids), Pooling.MEAN)[0];
            Row row = rows(out).get(0);
            assertEquals(ids.length, row.<Integer>getAs("n_tokens"));
            assertEquals(
                    IntStream.range(0, expected.length)
                            .mapToObj(i -> expected[i])
                            .toList(),
                    embedding(row));
            assertEquals(
                    how,
                    metrics(out)
                            .path("manifest")
                            .path("options")
                            .path("special-tokens")
                            .asText());
        }
    }

    @Test
    void resumeComputesWhatIsMissingAndNothingElse() throws IOException {
        Path input = harbour();
        Path out = folder.resolve("out");
        String[] run = {"--input", input.toString(), "--id-column", "id", "--repartition", "5", "--resume"};
        done(out, run);
        JsonNode total = metrics(out).path("total");
        Map<String, List<Float>> before = new TreeMap<>();
        rows(out).forEach(row -> before.put(String.valueOf(row.<Object>getAs("id")), embedding(row)));
        Path kept = out.resolve("part-000002-c000.snappy.parquet");
        FileTime written = Files.getLastModifiedTime(kept);
        Commands.Result again =
                embed("--input", input.toString(), "--id-column", "id", "--resume", "--output", out.toString());
        assertEquals(0, again.exit(), again.out());
        assertTrue(again.out().contains("nothing to do"), again.out());

        // As a crash leaves it: a unit without marker, a marker without its file, no metrics.
        Files.delete(out.resolve("_bybert/metrics.json"));
        Files.delete(out.resolve("_bybert/units/000001.json"));
        Files.delete(out.resolve("part-000003-c000.snappy.parquet"));
        refused(
                4,
                "an unfinished run, which --resume continues",
                "--input",
                input.toString(),
                "--output",
                out.toString());
        refused(
                4,
                "--pooling: mean, now max",
                "--input",
                input.toString(),
                "--id-column",
                "id",
                "--resume",
                "--pooling",
                "max",
                "--output",
                out.toString());
        refused(
                4,
                "--repartition: 5, now 6",
                "--input",
                input.toString(),
                "--id-column",
                "id",
                "--resume",
                "--repartition",
                "6",
                "--output",
                out.toString());
        done(out, run);
        assertEquals(total, metrics(out).path("total"));
        assertEquals(written, Files.getLastModifiedTime(kept));
        assertTrue(
                metrics(out).path("computed").path("rows").asInt() < 40,
                metrics(out).toString());
        Map<String, List<Float>> after = new TreeMap<>();
        rows(out).forEach(row -> assertNull(after.put(String.valueOf(row.<Object>getAs("id")), embedding(row))));
        assertEquals(before, after);

        Path manifest = out.resolve("_bybert/manifest.json");
        String original = Files.readString(manifest);
        Files.delete(manifest.resolveSibling(".manifest.json.crc"));
        Files.writeString(manifest, original.replace(Version.current().toString(), "0.1.0 (commit 1a2b3c4)"));
        refused(
                4,
                "code version: 0.1.0 (commit 1a2b3c4), now " + Version.current(),
                "--input",
                input.toString(),
                "--id-column",
                "id",
                "--resume",
                "--output",
                out.toString());
        Files.writeString(manifest, original);
        Files.setLastModifiedTime(input, FileTime.fromMillis(0));
        refused(
                4,
                "the input's files",
                "--input",
                input.toString(),
                "--id-column",
                "id",
                "--resume",
                "--output",
                out.toString());
        done(out, "--input", input.toString(), "--overwrite", "--repartition", "1");
        assertEquals(65, rows(out).size());
    }

    /** Where people write other digits, the names of files and what is printed keep theirs. */
    @Test
    void filesAreFoundAgainInEveryLocale() throws IOException {
        Locale before = Locale.getDefault();
        Path out = folder.resolve("out");
        Path input = lines(
                "a.jsonl", IntStream.range(0, 12).mapToObj(EmbedTest::line).toList());
        List<String> run = List.of(
                "embed",
                "--model",
                Commands.model(),
                "--input",
                input.toString(),
                "--id-column",
                "id",
                "--repartition",
                "2",
                "--output",
                out.toString(),
                "--resume");
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertNotEquals("7", String.format(Locale.getDefault(), "%d", 7));
            Commands.Result result = Commands.run(run.toArray(String[]::new));
            assertEquals(0, result.exit(), result.out());
            assertTrue(result.out().matches("(?s).*12 rows, 1\\.\\d kB of text, 0 failed.*"), result.out());
        } finally {
            Locale.setDefault(before);
        }
        assertTrue(Files.exists(out.resolve("_bybert/units/000000.json")));
        assertTrue(Files.exists(out.resolve("part-000001-c000.snappy.parquet")));
        Files.delete(out.resolve("_bybert/metrics.json"));
        done(out, "--input", input.toString(), "--id-column", "id", "--repartition", "2", "--resume");
        assertEquals(0, metrics(out).path("computed").path("rows").asInt());
    }

    @Test
    void smallerNumbersComeCloseToTheOriginal() throws IOException {
        Path input = lines("a.txt", List.of("朝の市場", "夜の港町", ""));
        Map<String, List<Float>> exact = new TreeMap<>();
        done(folder.resolve("f32"), "--input", input.toString());
        rows(folder.resolve("f32")).forEach(row -> exact.put(row.getAs("value"), embedding(row)));
        done(folder.resolve("f16"), "--input", input.toString(), "--precision", "float16");
        for (Row row : rows(folder.resolve("f16"))) {
            ByteBuffer halves = ByteBuffer.wrap(row.<byte[]>getAs("embedding")).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : exact.get(row.<String>getAs("value"))) {
                assertEquals(Dtype.floatToHalf(value), halves.getShort());
            }
            assertFalse(halves.hasRemaining());
        }
        done(folder.resolve("i8"), "--input", input.toString(), "--precision", "int8", "--output-format", "parquet");
        for (Row row : rows(folder.resolve("i8"))) {
            float scale = row.<Float>getAs("scale");
            byte[] bytes = row.getAs("embedding");
            int largest = 0;
            for (int i = 0; i < bytes.length; i++) {
                assertEquals(exact.get(row.<String>getAs("value")).get(i), bytes[i] * scale, scale * 0.5001f);
                largest = Math.max(largest, Math.abs(bytes[i]));
            }
            assertEquals(127, largest);
        }
    }

    @Test
    void onlyThePartitionsOfTheInputAreReplaced() throws IOException {
        Path out = folder.resolve("out");
        Path all = lines(
                "all.jsonl", IntStream.range(0, 12).mapToObj(EmbedTest::line).toList());
        Path some = lines("some.jsonl", List.of("{\"id\":\"new\",\"day\":1,\"text\":\"新しい行\"}"));
        done(out, "--input", all.toString(), "--id-column", "id", "--partition-by", "day", "--repartition", "2");
        done(
                out,
                "--input",
                some.toString(),
                "--id-column",
                "id",
                "--partition-by",
                "day",
                "--partition-overwrite",
                "--resume");
        Map<String, Integer> days = byId(out, row -> row.<Integer>getAs("day"));
        assertEquals(
                List.of("new"),
                days.keySet().stream().filter(id -> days.get(id) == 1).toList());
        assertEquals(9, days.size());
        assertFalse(Files.exists(out.resolve("_bybert/partitions")));
        assertFalse(Files.exists(out.resolve("_bybert/replaced")));
    }

    @Test
    void aReplacementThatWasInterruptedIsEnded() throws IOException {
        Path out = folder.resolve("out");
        Path input = lines(
                "all.jsonl", IntStream.range(0, 12).mapToObj(EmbedTest::line).toList());
        String[] run = {
            "--input",
            input.toString(),
            "--id-column",
            "id",
            "--keep",
            "none",
            "--partition-by",
            "day",
            "--repartition",
            "2",
            "--partition-overwrite",
            "--resume"
        };
        done(out, run);
        JsonNode total = metrics(out).path("total");
        // The first partition has its place, the second lies beside the old one, the third is between its two renames.
        Path own = out.resolve("_bybert");
        Files.delete(own.resolve("metrics.json"));
        Files.createDirectories(own.resolve("partitions"));
        Files.createDirectories(own.resolve("replaced/day=2"));
        Files.move(out.resolve("day=1"), own.resolve("partitions/day=1"));
        Files.move(out.resolve("day=2"), own.resolve("partitions/day=2"));
        Files.createDirectory(out.resolve("day=1"));
        Files.writeString(out.resolve("day=1/old.parquet"), "old");
        done(out, run);
        assertEquals(12, byId(out, row -> 1).size());
        assertEquals(total, metrics(out).path("total"));
        assertEquals(0, metrics(out).path("computed").path("rows").asInt());
    }

    @Test
    void fieldsOfStructsAreKeptAndTheOwnOutputIsReadAgain() throws IOException {
        Path input = lines(
                "a.jsonl",
                List.of(
                        "{\"meta\":{\"id\":\"x\",\"day\":1},\"text\":\"一\"}",
                        "{\"meta\":{\"id\":\"y\",\"day\":2},\"text\":\"二\"}"));
        Path out = folder.resolve("out");
        done(
                out,
                "--input",
                input.toString(),
                "--id-column",
                "meta.id",
                "--keep",
                "text",
                "--partition-by",
                "meta.day",
                "--output-format",
                "jsonl");
        assertTrue(Files.isDirectory(out.resolve("meta.day=1")));
        Path again = folder.resolve("again");
        done(again, "--input", out.toString(), "--id-column", "meta.id", "--keep", "text,meta.day", "--resume");
        assertEquals(
                List.of("x一1", "y二2"),
                rows(again).stream()
                        .map(row -> row.getAs("meta.id") + row.<String>getAs("text") + row.getAs("meta.day"))
                        .sorted()
                        .toList());
    }

    @Test
    void tablesAreReadByTheirNames() throws IOException {
        Path input = lines(
                "all.jsonl", IntStream.range(0, 4).mapToObj(EmbedTest::line).toList());
        SparkSession spark = SparkSession.builder().getOrCreate();
        spark.sql("DROP TABLE IF EXISTS ships");
        spark.read()
                .json(input.toString())
                .write()
                .option("path", folder.resolve("ships").toString())
                .saveAsTable("ships");
        Path out = folder.resolve("out");
        done(out, "--input", "ships", "--id-column", "id", "--text-expr", "upper(text) || '。'", "--resume");
        assertTrue(metrics(out).path("manifest").path("input_files").asText().startsWith("sha256:"));
        assertEquals(4, byId(out, row -> 1).size());
    }

    @Test
    void idsMustTellRowsApartToResume() throws IOException {
        Path input = lines(
                "a.jsonl",
                List.of(
                        "{\"id\":\"x\",\"text\":\"一\"}",
                        "{\"id\":\"x\",\"text\":\"二\"}",
                        "{\"id\":null,\"text\":\"三\"}"));
        Path out = folder.resolve("out");
        refused(
                1,
                "found 1 rows without one and 1 rows with one that another row has, e.g. [x]",
                "--input",
                input.toString(),
                "--id-column",
                "id",
                "--resume",
                "--output",
                out.toString());
        refused(2, "--resume needs --id-column", "--input", input.toString(), "--resume", "--output", out.toString());
        done(out, "--input", input.toString(), "--id-column", "id");
        assertEquals(1, metrics(out).path("duplicate_ids").asInt());
        assertEquals(1, metrics(out).path("null_ids").asInt());
        assertEquals(3, rows(out).size());
    }

    @Test
    void theOutputIsNotTakenFromOthers() throws IOException {
        Path input = lines("a.txt", List.of("春の雨"));
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("notes.txt"), "keep");
        refused(4, "files of another writer", "--input", input.toString(), "--output", other.toString(), "--overwrite");
        refused(1, "expected a folder, found a file", "--input", input.toString(), "--output", input.toString());
        assertEquals("keep", Files.readString(other.resolve("notes.txt")));

        Path out = folder.resolve("out");
        Files.createDirectories(out.resolve("_bybert"));
        FileSystem local = FileSystem.getLocal(new Configuration());
        var path = new org.apache.hadoop.fs.Path(out.resolve("_bybert/lock").toUri());
        try (OutputLock lock = OutputLock.acquire(local, path, "another job", false, TERMINAL)) {
            refused(5, "another job", "--input", input.toString(), "--output", out.toString());
            lock.check();
            done(out, "--input", input.toString(), "--break-lock");
        }
        assertFalse(Files.exists(out.resolve("_bybert/lock")));
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        String out = folder.resolve("out").toString();
        Path input = lines("a.jsonl", List.of("{\"id\":1,\"n\":7,\"scale\":1,\"text\":\"秋\"}"));
        refused(1, "not found", "--input", folder.resolve("none").toString(), "--output", out);
        String store =
                "classes of its file system are missing (Class org.apache.hadoop.fs.s3a.S3AFileSystem not found): "
                        + "--packages org.apache.hadoop:hadoop-aws:" + VersionInfo.getVersion() + " brings them";
        refused(1, "--input: s3a://b/x cannot be read: " + store, "--input", "s3a://b/x", "--output", out);
        refused(
                1,
                "--output: s3a://b/x cannot be written: " + store,
                "--input",
                input.toString(),
                "--output",
                "s3a://b/x");
        refused(
                1,
                "column \"n\": expected string, found bigint; --text-expr \"CAST(n AS STRING)\" makes one",
                "--input",
                input.toString(),
                "--text-column",
                "n",
                "--output",
                out);
        refused(1, "column scale", "--input", input.toString(), "--precision", "int8", "--output", out);
        refused(1, "expected a column \"z\"", "--input", input.toString(), "--keep", "z", "--output", out);
        refused(1, "cannot be read as PARQUET", "--input", input.toString(), "--format", "parquet", "--output", out);
        refused(
                2,
                "--repartition: expected auto, off or a number",
                "--input",
                "x",
                "--repartition",
                "0",
                "--output",
                out);
        refused(2, "--max-bytes", "--input", "x", "--max-bytes", "2", "--output", out);
        assertFalse(Files.exists(Path.of(out)));
        refused(
                3,
                "null text: 2 rows",
                "--input",
                lines("n.jsonl", List.of("{\"text\":null}", "{\"text\":null,\"a\":1}"))
                        .toString(),
                "--keep",
                "none",
                "--output",
                out);
        assertEquals(2, rows(Path.of(out)).size());
    }

    @Test
    void longTextsAreCutOrSplitAsAsked() throws IOException {
        Path input = lines("a.txt", List.of("川の流れは絶えず、", "水は同じではない。".repeat(30)));
        String[] how = {"error", "truncate", "split"};
        List<List<Float>> vectors = new ArrayList<>();
        for (String what : how) {
            Path out = folder.resolve(what);
            Commands.Result result = embed(
                    "--input",
                    input.toString(),
                    "--max-bytes",
                    "100",
                    "--long-text",
                    what,
                    "--max-failed",
                    "0",
                    "--output",
                    out.toString());
            assertEquals(what.equals("error") ? 3 : 0, result.exit(), result.out());
            assertEquals(
                    what.equals("truncate") ? 1 : 0,
                    metrics(out).path("total").path("truncated").asInt());
            vectors.add(rows(out).stream()
                    .filter(row -> row.<String>getAs("value").startsWith("水"))
                    .map(EmbedTest::embedding)
                    .findFirst()
                    .orElseThrow());
        }
        assertEquals(List.of(), vectors.get(0));
        assertNotEquals(vectors.get(1), vectors.get(2));
    }

    @Test
    void halvesAreRoundedToNearestEven() {
        Map<Float, Integer> cases = new TreeMap<>(Map.of(
                1f,
                0x3c00,
                -2f,
                0xc000,
                65504f,
                0x7bff,
                65519.99f,
                0x7bff,
                65520f,
                0x7c00,
                0x1p-24f,
                1,
                0x1p-25f,
                0,
                0x1.8p-24f,
                2,
                1 + 0x1p-11f,
                0x3c00,
                1 + 0x3p-11f,
                0x3c02));
        cases.put(0x1.ffep-15f, 0x400);
        cases.put(-0f, 0x8000);
        cases.forEach(
                (value, half) -> assertEquals(half.shortValue(), Dtype.floatToHalf(value), () -> "half of " + value));
        assertArrayEquals(
                new byte[2], (byte[]) Precision.INT8.store(new float[2]).numbers());
        assertNull(Precision.FLOAT16.store(new float[] {1e6f}).numbers());
    }
}
