package org.bybert.job.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.masked.Example;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataReaderTest {

    private static SparkSession spark;

    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder().getOrCreate();
    }

    private Path file(String name, String content) throws IOException {
        return Files.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, Row> read(Path path, Columns columns) {
        var rows = new DataSet("s", path.toString()).read(spark, columns);
        assertEquals(List.of(Example.SCHEMA.fieldNames()), List.of(rows.columns()));
        return rows.collectAsList().stream().collect(Collectors.toMap(row -> row.getString(1), row -> row));
    }

    private static String error(Path path, Columns columns) {
        return assertThrows(UserError.class, () -> read(path, columns)).getMessage();
    }

    @Test
    void jsonLinesAreReadWithWhatIsWrongWithEach() throws IOException {
        Path path = folder.resolve("a.jsonl");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(
                "{\"id\":1,\"text\":\"山の朝\"}\n\n{\"id\":2,\"text\":\"\\ud83dと\"}\n".getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(
                "{\"id\":3,\"text\":\"\\ud83d\\ude00\"}\n{\"id\":4,\"text\":\"".getBytes(StandardCharsets.UTF_8));
        bytes.write(0xff);
        bytes.writeBytes("\"}\n{\"id\":5,\n{\"id\":6,\"text\":null}\n".getBytes(StandardCharsets.UTF_8));
        Files.write(path, bytes.toByteArray());
        Map<String, Row> rows = read(path, Columns.DEFAULT);
        assertEquals(6, rows.size());
        assertEquals("山の朝", rows.get("1").getString(2));
        assertEquals("the line holds an unpaired surrogate", rows.get("2").getString(5));
        assertEquals("😀", rows.get("3").getString(2));
        assertTrue(rows.get("3").isNullAt(5));
        assertEquals("the line is not valid UTF-8", rows.get("4").getString(5));
        assertTrue(rows.get("6").isNullAt(2) && rows.get("6").isNullAt(5));
        assertEquals(
                1,
                rows.values().stream()
                        .filter(row -> "the line is not a valid JSON object".equals(row.getString(5)))
                        .count());
    }

    @Test
    void everyFormatIsReadAlike() throws IOException {
        Path lines = file("a.jsonl", "{\"id\":\"x\",\"text\":\"一\"}\n{\"id\":\"y\",\"text\":\"二\"}\n");
        Path array = file("b.json", " [{\"id\":\"x\",\"text\":\"一\"},\n {\"id\":\"y\",\"text\":\"二\"}]");
        Path lineJson = file("c.json", "{\"id\":\"x\",\"text\":\"一\"}\n{\"id\":\"y\",\"text\":\"二\"}\n");
        Path zipped = folder.resolve("d.jsonl.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
            out.write(Files.readAllBytes(lines));
        }
        Path parquet = folder.resolve("e.parquet");
        spark.read().json(lines.toString()).write().parquet(parquet.toString());
        Path orc = folder.resolve("f.orc");
        spark.read().json(lines.toString()).write().orc(orc.toString());
        Path csv = file("g.csv", "id,text\r\nx,一\r\ny,\"二\"\r\n");
        for (Path path : List.of(lines, array, lineJson, zipped, parquet, orc, csv)) {
            Map<String, Row> rows = read(path, Columns.DEFAULT);
            assertEquals("一", rows.get("x").getString(2), path.toString());
            assertEquals("二", rows.get("y").getString(2), path.toString());
            assertEquals(2, rows.size());
        }
    }

    @Test
    void csvKeepsQuotedLineEndsAndMarksRecordsOfAnotherWidth() throws IOException {
        Map<String, Row> rows = read(file("a.csv", "id,text\nx,\"一行目\n\"\"二行目\"\"\"\ny\nz,三,多い\n"), Columns.DEFAULT);
        assertEquals("一行目\n\"二行目\"", rows.get("x").getString(2));
        assertTrue(rows.get("x").isNullAt(5));
        assertEquals(
                "the record does not have the values of the header",
                rows.get("y").getString(5));
        assertEquals(
                "the record does not have the values of the header",
                rows.get("z").getString(5));
    }

    @Test
    void textWithoutIdIsKnownByItsHash() throws IOException {
        Path path = file("a.txt", "同じ行\n別の行\n");
        Map<String, Row> rows = read(path, Columns.DEFAULT);
        assertEquals(2, rows.size());
        assertEquals(
                rows.keySet(),
                read(file("b.txt", "別の行\n同じ行\n"), Columns.DEFAULT).keySet());
        rows.keySet().forEach(id -> assertTrue(id.matches("sha256:[0-9a-f]{16}"), id));
    }

    @Test
    void columnsAndExpressionsAreChosen() throws IOException {
        Path path = file("a.jsonl", "{\"key\":7,\"q\":\"問い\",\"a\":\"答え\"}\n");
        assertEquals("問い", read(path, new Columns("q", null, "key")).get("7").getString(2));
        assertEquals(
                "問い\n答え",
                read(path, new Columns(null, "concat(q, '\\n', a)", "key"))
                        .get("7")
                        .getString(2));
    }

    @Test
    void errorsNameWhatThereIs() throws IOException {
        Path path = file("a.jsonl", "{\"key\":7,\"q\":\"問い\"}\n");
        assertTrue(error(path, Columns.DEFAULT).contains("\"text\" with the text, found [key, q]"));
        assertTrue(error(path, new Columns("key", null, null)).contains("expected string, found bigint"));
        assertTrue(error(path, new Columns("q", null, "no")).contains("found [key, q]"));
        assertTrue(error(path, new Columns(null, "key + 1", null)).contains("expected a string, found bigint"));
        assertTrue(error(path, new Columns(null, "nothing", null)).contains("the columns are [key, q]"));
        assertTrue(error(path, new Columns(null, "lower(", null)).contains("--text-expr"));
        assertTrue(error(folder.resolve("none.jsonl"), Columns.DEFAULT).contains("not found"));
        assertTrue(error(file("empty.jsonl", ""), Columns.DEFAULT).contains("at least one row"));
        assertTrue(error(file("blank.jsonl", "\n \n"), Columns.DEFAULT).contains("at least one row"));
        assertTrue(error(file("a.doc", "x"), Columns.DEFAULT).contains("expected a name that ends in"));
        assertTrue(error(file("a.parquet", "not parquet"), Columns.DEFAULT).contains("cannot be read as PARQUET"));
        assertTrue(error(folder, Columns.DEFAULT).contains("expected"));
    }

    @Test
    void wordsOfTheRowAreTakenAlong() throws IOException {
        Row row = read(file("a.jsonl", "{\"id\":1,\"text\":\"雨の日\",\"words\":[\"雨\",\"の\",\"日\"]}\n"), Columns.DEFAULT)
                .get("1");
        assertEquals(List.of("雨", "の", "日"), row.getList(3));
        assertTrue(row.getBoolean(4));
    }
}
