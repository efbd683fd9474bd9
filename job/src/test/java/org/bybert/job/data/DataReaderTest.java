package org.bybert.job.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
        return read(path, columns, Reading.DEFAULT);
    }

    private static Map<String, Row> read(Path path, Columns columns, Reading reading) {
        var rows =
                new DataSet("s", path.toString()).read(spark, columns, reading).rows();
        assertEquals(List.of(Example.SCHEMA.fieldNames()), List.of(rows.columns()));
        return rows.collectAsList().stream().collect(Collectors.toMap(row -> row.getString(1), row -> row));
    }

    private static String error(Path path, Columns columns) {
        return assertThrows(UserError.class, () -> read(path, columns)).getMessage();
    }

    private static Reading format(DataFormat format) {
        return new Reading(format, null, null);
    }

    private Path zstd(String name, String content) throws IOException {
        return Files.write(folder.resolve(name), Zstd.compress(content.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void filesThatZstdCompressed() throws IOException {
        for (Path path : List.of(
                zstd("a.jsonl.zst", "{\"id\":1,\"text\":\"橋の上\"}\n{\"id\":2,\"text\":\"川の音\"}\n"),
                zstd("a.json.zst", "[{\"id\":1,\"text\":\"橋の上\"},\n{\"id\":2,\"text\":\"川の音\"}]"),
                zstd("a.tsv.zst", "id\ttext\n1\t橋の上\n2\t川の音\n"))) {
            Map<String, Row> rows = read(path, Columns.DEFAULT);
            assertEquals(2, rows.size(), path.toString());
            assertEquals("川の音", rows.get("2").getString(2), path.toString());
        }
        Map<String, Row> lines = read(zstd("a.txt.zst", "橋の上\n川の音\n"), Columns.DEFAULT);
        assertEquals(2, lines.size());
        for (String name : List.of("b.jsonl.zst", "b.txt.zst", "b.csv.zst")) {
            byte[] whole = Zstd.compress("text\n橋の上\n".repeat(9).getBytes(StandardCharsets.UTF_8));
            Path cut = Files.write(folder.resolve(name), Arrays.copyOf(whole, whole.length - 3));
            assertTrue(error(cut, Columns.DEFAULT).contains("is truncated"), error(cut, Columns.DEFAULT));
            Path none = file(name, "text\n橋の上\n");
            assertTrue(error(none, Columns.DEFAULT).contains(name + " cannot be read"), error(none, Columns.DEFAULT));
        }
    }

    @Test
    void wordsWithSpacesBetweenThem() throws IOException {
        Path path = file("a.txt", "\ufeff橋 の 上 \n\n川  の 音\n");
        List<Row> rows = List.copyOf(
                read(path, Columns.DEFAULT, format(DataFormat.WAKATI)).values());
        assertEquals(3, rows.size());
        Map<String, List<String>> words =
                rows.stream().collect(Collectors.toMap(row -> row.getString(2), row -> row.getList(3)));
        assertEquals(Map.of("橋の上", List.of("橋", "の", "上"), "", List.of(), "川の音", List.of("川", "の", "音")), words);
        assertTrue(rows.stream().allMatch(row -> row.getBoolean(4) && row.isNullAt(5)));
    }

    @Test
    void dataAsResearchersHaveIt() throws IOException {
        Path array = file(
                "instructions.json",
                "[\n  {\n    \"ID\": \"q-1\",\n    \"text\": \"港とは何か。\",\n    \"output\": \"船の着く所。\"\n  }\n]\n");
        assertEquals(
                "港とは何か。船の着く所。",
                read(array, new Columns(null, "concat(text, output)", "ID"))
                        .get("q-1")
                        .getString(2));
        ByteArrayOutputStream shard = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(shard)) {
            gzip.write("{\"text\":\"港の朝\",\"meta\":{\"id\":\"7\",\"title\":\"港\"}}\n".getBytes(StandardCharsets.UTF_8));
        }
        Path gz = Files.write(folder.resolve("train_0.jsonl.gz"), shard.toByteArray());
        assertEquals(
                "港の朝", read(gz, new Columns(null, null, "meta.id")).get("7").getString(2));
        assertEquals(
                "港",
                read(gz, new Columns("meta.title", null, "meta.id")).get("7").getString(2));
        Path object = file("one.json", "{\n  \"id\": 3,\n  \"text\": \"山の道\"\n}\n");
        assertEquals("山の道", read(object, Columns.DEFAULT).get("3").getString(2));
        Path marked = file("marked.jsonl", "\ufeff{\"id\": 4, \"text\": \"海の音\"}\n");
        assertEquals("海の音", read(marked, Columns.DEFAULT).get("4").getString(2));
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
        assertEquals(
                "the line is not valid UTF-8 (--encoding names another, e.g. windows-31j)",
                rows.get("4").getString(5));
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

    private static final Map<String, String> FORMATS = Map.of(
            "a.txt", "山の朝\n髙い空\n",
            "a.csv", "text,題\n山の朝,一\n\"髙い空\",二\n",
            "a.tsv", "text\t題\n山の朝\t一\n髙い空\t二\n",
            "a.jsonl", "{\"text\":\"山の朝\"}\n{\"text\":\"髙い空\"}\n",
            "a.json", "[{\"text\":\"山の朝\"},\n{\"text\":\"髙い空\"}]",
            "a.mecab", "山\t名詞\nの\t助詞\n朝\t名詞\nEOS\n髙い\t形容詞\n空\t名詞\nEOS\n");

    private static List<String> texts(Map<String, Row> rows) {
        return rows.values().stream()
                .filter(row -> row.isNullAt(5))
                .map(row -> row.getString(2))
                .sorted()
                .toList();
    }

    @Test
    void bytesThatAreNoTextFailTheirRowInEveryFormat() throws IOException {
        for (Map.Entry<String, String> format : FORMATS.entrySet()) {
            byte[] bytes = format.getValue().replace("空", "@").getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = bytes[i] == '@' ? (byte) 0xff : bytes[i];
            }
            Map<String, Row> rows = read(Files.write(folder.resolve(format.getKey()), bytes), Columns.DEFAULT);
            assertEquals(List.of("山の朝"), texts(rows), format.getKey());
            assertEquals(
                    1,
                    rows.values().stream()
                            .filter(row -> !row.isNullAt(5)
                                    && row.getString(5).contains("is not valid UTF-8 (--encoding names another"))
                            .count(),
                    format.getKey());
        }
    }

    @Test
    void otherEncodingsAreReadByNameInEveryFormat() throws IOException {
        for (Map.Entry<String, String> format : FORMATS.entrySet()) {
            for (String encoding : List.of("cp932", "x-eucJP-Open", "UTF-16", "UTF-16LE", "UTF-8")) {
                Path path = Files.write(
                        folder.resolve(format.getKey()), format.getValue().getBytes(TextDecoder.charset(encoding)));
                assertEquals(
                        List.of("山の朝", "髙い空"),
                        texts(read(path, Columns.DEFAULT, new Reading(null, encoding, null))),
                        format.getKey() + " in " + encoding);
                if (encoding.startsWith("UTF-16")) {
                    assertTrue(error(path, Columns.DEFAULT).contains("--encoding UTF-16"), format.getKey());
                }
            }
        }
        Path header = Files.write(folder.resolve("b.csv"), "本文\n山の朝\n".getBytes(TextDecoder.charset("cp932")));
        assertTrue(error(header, Columns.DEFAULT).contains("the header is not valid UTF-8 (--encoding names another"));
        assertTrue(assertThrows(
                        UserError.class,
                        () -> read(folder.resolve("a.txt"), Columns.DEFAULT, new Reading(DataFormat.TEXT, null, ';')))
                .getMessage()
                .contains("--delimiter says nothing about"));
    }

    @Test
    void aTableWhoseFormatHasNoJarIsNotTakenForMissing() {
        spark.conf().set("spark.sql.catalog.ice", "org.apache.iceberg.spark.SparkCatalog");
        for (DataFormat format : new DataFormat[] {null, DataFormat.TABLE}) {
            String message = assertThrows(
                            UserError.class,
                            () -> new DataSet("s", "ice.db.t")
                                    .read(spark, Columns.DEFAULT, new Reading(format, null, null)))
                    .getMessage();
            assertTrue(
                    message.contains("ice.db.t cannot be looked up in Spark's catalog: ")
                            && message.contains("org.apache.iceberg.spark.SparkCatalog")
                            && message.endsWith("--packages or --jars bring classes that are missing."),
                    message);
        }
        assertTrue(assertThrows(
                        UserError.class,
                        () -> new DataSet("s", "db.t").read(spark, Columns.DEFAULT, format(DataFormat.TABLE)))
                .getMessage()
                .contains("no table of this name"));
    }

    @Test
    void aByteOrderMarkIsNoText() throws IOException {
        for (Map.Entry<String, String> format : FORMATS.entrySet()) {
            Path path = file(format.getKey(), "\ufeff" + format.getValue());
            assertEquals(List.of("山の朝", "髙い空"), texts(read(path, Columns.DEFAULT)), format.getKey());
        }
        // Files that were joined.
        assertEquals(List.of("一", "二"), texts(read(file("b.txt", "\ufeff一\n\ufeff二\n"), Columns.DEFAULT)));
        assertEquals(
                List.of("一", "二"),
                texts(read(file("b.jsonl", "\ufeff{\"text\":\"一\"}\n\ufeff{\"text\":\"二\"}\n"), Columns.DEFAULT)));
    }

    private Path inFolders(String name, String content) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        return file(name, content);
    }

    @Test
    void aFolderIsReadWithAllThatIsDataInIt() throws IOException {
        inFolders("plain/a.jsonl", "{\"text\":\"一\"}\n");
        inFolders("plain/more/b.jsonl", "{\"text\":\"二\"}\n");
        inFolders("plain/more/deep/c.JSONL", "{\"text\":\"三\"}\n");
        inFolders("plain/empty.jsonl", "");
        for (String other : List.of("README.md", "_SUCCESS", ".a.jsonl.crc", "more/notes.html", "_temporary/d.jsonl")) {
            inFolders("plain/" + other, "{\"text\":\"no\"}\n");
        }
        assertEquals(List.of("一", "三", "二"), texts(read(folder.resolve("plain"), Columns.DEFAULT)));
        assertEquals(List.of("一", "三", "二"), texts(read(folder.resolve("plain/*"), Columns.DEFAULT)));
        for (String kind : List.of("a.csv", "a.json", "a.txt", "a.mecab")) {
            Path in = folder.resolve(kind + ".d");
            inFolders(kind + ".d/x/1." + kind, FORMATS.get(kind));
            inFolders(
                    kind + ".d/y/2." + kind, FORMATS.get(kind).replace("朝", "昼").replace("空", "丘"));
            inFolders(kind + ".d/y/3." + kind, "");
            inFolders(kind + ".d/README.md", "x");
            assertEquals(List.of("山の昼", "山の朝", "髙い丘", "髙い空"), texts(read(in, Columns.DEFAULT)), kind);
        }
        Path table = folder.resolve("table");
        spark.read()
                .json(file("t.jsonl", "{\"text\":\"一\"}\n").toString())
                .write()
                .parquet(table.resolve("part").toString());
        Files.createFile(table.resolve("part/empty.parquet"));
        assertEquals(List.of("一"), texts(read(table, Columns.DEFAULT)));
        spark.read()
                .json(folder.resolve("t.jsonl").toString())
                .write()
                .parquet(table.resolve("other").toString() + "/b");
        assertTrue(
                error(table, Columns.DEFAULT).contains("expected no empty files where several folders hold PARQUET"));
        inFolders("mixed/a.jsonl", "{\"text\":\"一\"}\n");
        inFolders("mixed/b.txt", "二\n");
        assertTrue(error(folder.resolve("mixed"), Columns.DEFAULT)
                .contains("found [JSONL, TEXT]; name one kind with a glob"));
    }

    @Test
    void filesOfATableThatKeepsItsPastAreNotRead() throws IOException {
        Path lines = file("t.jsonl", "{\"text\":\"一\"}\n");
        for (String mark : List.of("_delta_log/0.json", ".hoodie/hoodie.properties", "metadata/v1.metadata.json")) {
            String kind = "[" + mark.charAt(1) + "]";
            inFolders(kind + "/" + mark, "{}");
            Path part = folder.resolve(kind + "/data/day=1");
            spark.read().json(lines.toString()).write().parquet(part.toString());
            for (Path path : List.of(folder.resolve(kind), part)) {
                assertTrue(error(path, Columns.DEFAULT).contains("rows of its past"), mark);
            }
            assertEquals(
                    1, read(part, Columns.DEFAULT, format(DataFormat.PARQUET)).size());
        }
        inFolders("plain/metadata/about.json", "{\"text\":\"一\"}\n");
        assertEquals(1, read(folder.resolve("plain"), Columns.DEFAULT).size());
    }

    @Test
    void foldersThatStandForColumnsAreColumnsInEveryTextFormat() throws IOException {
        for (String kind : List.of("a.jsonl", "a.json", "a.csv", "a.txt", "a.mecab")) {
            inFolders(kind + ".d/day=1/x." + kind, FORMATS.get(kind));
            inFolders(kind + ".d/day=2/x." + kind, FORMATS.get(kind).replace("朝", "昼"));
            Map<String, Row> rows = read(
                    folder.resolve(kind + ".d"),
                    new Columns(null, kind.equals("a.txt") ? "value || day" : "text || day", null));
            assertEquals(List.of("山の昼2", "山の朝1", "髙い空1", "髙い空2"), texts(rows), kind);
        }
        inFolders("a.jsonl.d/empty.jsonl", "");
        inFolders("a.jsonl.d/day=3/empty.jsonl", "");
        assertEquals(
                4,
                read(folder.resolve("a.jsonl.d"), new Columns(null, "text || day", null))
                        .size());
        Path table = folder.resolve("table");
        spark.read()
                .json(folder.resolve("a.jsonl.d").toString())
                .write()
                .partitionBy("day")
                .parquet(table.toString());
        Files.createFile(table.resolve("day=1/empty.parquet"));
        assertEquals(
                List.of("山の昼2", "山の朝1", "髙い空1", "髙い空2"), texts(read(table, new Columns(null, "text || day", null))));
        inFolders("half/a.jsonl", "{\"text\":\"一\"}\n");
        inFolders("half/day=1/a.jsonl", "{\"text\":\"一\"}\n");
        assertTrue(error(folder.resolve("half"), Columns.DEFAULT).contains("files or folders like day=1"));
    }

    @Test
    void namesThatLookLikeGlobsAreNames() throws IOException {
        for (String name : List.of("a[1].jsonl", "a{x}.jsonl", "a*.jsonl", "a b%20.jsonl", "a?.jsonl")) {
            assertEquals(List.of("一"), texts(read(file(name, "{\"text\":\"一\"}\n"), Columns.DEFAULT)), name);
        }
        inFolders("d[1]/day=1/{x}.txt", "一\n");
        assertEquals(List.of("一"), texts(read(folder.resolve("d[1]"), Columns.DEFAULT)));
    }

    @Test
    void jsonIsReadHoweverItIsSpreadOverLines() throws IOException {
        for (Map.Entry<String, String> json : Map.of(
                        "object.json", "{\n  \"text\": \"一\",\n  \"n\": 1.10\n}",
                        "objects.json", "{\n\"text\": \"一\"}\n{\"text\":\n\"二\"\n}",
                        "array.jsonl", "[{\"text\":\"一\"},\n{\"text\":\"二\"}]",
                        "pretty.jsonl", "{\n  \"text\": \"一\"\n}\n",
                        "line.jsonl", "[{\"text\":\"一\"},{\"text\":\"二\"}]\n")
                .entrySet()) {
            List<String> texts = texts(read(file(json.getKey(), json.getValue()), Columns.DEFAULT));
            assertEquals(json.getValue().contains("二") ? List.of("一", "二") : List.of("一"), texts, json.getKey());
        }
        Map<String, Row> rows =
                read(file("a.jsonl", "{\"id\":1,\"text\":\"一\"}\n[{\"id\":2,\"text\":\"二\"}]\n"), Columns.DEFAULT);
        assertEquals(List.of("一"), texts(rows));
        assertEquals(
                1,
                rows.values().stream()
                        .filter(row -> "the line is not a valid JSON object".equals(row.getString(5)))
                        .count());
        Map<String, Row> broken = read(
                file(
                        "b.json",
                        "[{\"id\":1,\"text\":\"一\"},\n{\"id\":2,\"text\":\"\\ud83dと\"},\n" + "{\"id\":3,\"text\":]"),
                Columns.DEFAULT);
        assertEquals(List.of("一"), texts(broken));
        assertEquals(
                List.of("the object holds an unpaired surrogate", "the rest of the file is not valid JSON"),
                broken.values().stream()
                        .filter(row -> !row.isNullAt(5))
                        .map(row -> row.getString(5).replaceAll(":.*", ""))
                        .sorted()
                        .toList());
        assertEquals(
                List.of("the value is not a JSON object"),
                read(file("e.json", "[7]\n{\"id\":1,\"text\":\"一\"}"), Columns.DEFAULT).values().stream()
                        .filter(row -> !row.isNullAt(5))
                        .map(row -> row.getString(5))
                        .toList());
        assertTrue(error(file("c.jsonl", "\nid,text\n1,一\n2,二\n"), Columns.DEFAULT)
                .endsWith(
                        "c.jsonl: expected JSON lines, found no line that is a JSON object: line 2: \"id,text\"; line 3: \"1,一\"; "
                                + "line 4: \"2,二\"; --format csv would read it"));
        assertTrue(error(file("d.jsonl", "ただの文\n"), Columns.DEFAULT).contains("--format text would read it"));
    }

    @Test
    void wordsWithSpacesBetweenThemAreRefusedByName() throws IOException {
        String words = "川 の 水 は 冷たい 。 \n朝 早く から 漁船 が 出 た 。 \n";
        Path text = file("words.txt", words);
        assertEquals(
                "data s: " + text.toUri().toString().replace("file:///", "file:/")
                        + ": expected text, found words with spaces between them; --format wakati reads them as words, "
                        + "--format text takes the spaces for text",
                error(text, Columns.DEFAULT));
        for (String sound : List.of("A sentence of English with spaces in it.\n", "川の水は冷たい。 朝早く 漁船が出た。\n")) {
            assertEquals(
                    1, texts(read(file("sound.txt", sound), Columns.DEFAULT)).size());
        }
    }

    @Test
    void whatMecabWritesIsRefusedAsTextAndReadByName() throws IOException {
        String mecab = FORMATS.get("a.mecab");
        Path text = file("a.txt", mecab);
        assertTrue(error(text, Columns.DEFAULT).contains("found what MeCab writes"), error(text, Columns.DEFAULT));
        Map<String, Row> rows = read(text, Columns.DEFAULT, new Reading(DataFormat.MECAB, null, null));
        assertEquals(List.of("山の朝", "髙い空"), texts(rows));
        assertEquals(
                List.of("山", "の", "朝"),
                rows.values().stream()
                        .filter(row -> row.getString(2).equals("山の朝"))
                        .findFirst()
                        .orElseThrow()
                        .getList(3));
        assertEquals(
                1,
                texts(read(file("b.mecab", mecab.substring(0, mecab.length() - 4)), Columns.DEFAULT))
                        .size());
        assertTrue(error(file("b.jsonl", mecab), Columns.DEFAULT).contains("--format mecab would read it"));
    }

    @Test
    void valuesHaveTheDelimiterThatIsNamed() throws IOException {
        Path path = file("a.csv", "id;text\nx;\"一;二\"\n");
        assertEquals(
                "一;二",
                read(path, Columns.DEFAULT, new Reading(null, null, ';'))
                        .get("x")
                        .getString(2));
        assertTrue(error(path, Columns.DEFAULT).contains("found [id;text]"));
        assertTrue(error(path, Columns.DEFAULT).contains("--delimiter says what stands between values"));
        assertEquals(
                "一",
                read(file("a.tsv", "id\ttext\nx\t一\n"), Columns.DEFAULT)
                        .get("x")
                        .getString(2));
        inFolders("csv/1.csv", "id,text\nx,一\n");
        inFolders("csv/2.csv", "text,id\n二,y\n");
        assertEquals("二", read(folder.resolve("csv"), Columns.DEFAULT).get("y").getString(2));
        inFolders("csv/3.csv", "text,key\n二,y\n");
        assertTrue(error(folder.resolve("csv"), Columns.DEFAULT)
                .contains("expected the header of the first file, [id, text]"));
    }

    @Test
    void columnsLieInStructsToo() throws IOException {
        Path path = file("a.jsonl", "{\"meta\":{\"id\":\"x\",\"a.b\":\"y\"},\"doc\":{\"body\":{\"text\":\"一\"}}}\n");
        assertEquals(
                "一",
                read(path, new Columns("doc.body.text", null, "meta.id"))
                        .get("x")
                        .getString(2));
        assertEquals(
                "一",
                read(path, new Columns("doc.body.text", null, "meta.a.b"))
                        .get("y")
                        .getString(2));
        assertTrue(error(path, new Columns("doc.body", null, null)).contains("expected string, found struct"));
        assertTrue(error(path, new Columns("doc.text", null, null)).contains("expected a column \"doc.text\""));
    }

    @Test
    void expressionsThatAreNoneOfARowAreRefusedByName() throws IOException {
        Path path = file("a.jsonl", "{\"id\":7,\"text\":\"一\"}\n");
        for (Map.Entry<String, String> wrong : Map.of(
                        "max(text)", "found an aggregate function",
                        "explode(split(text, ''))", "found a generator, which makes several rows of one",
                        "lag(text) OVER (ORDER BY id)", "found a window function",
                        "lower(", "[PARSE_SYNTAX_ERROR]",
                        "concat(text, title)", "`title`",
                        "nothing(text)", "`nothing`")
                .entrySet()) {
            String error = error(path, new Columns(null, wrong.getKey(), null));
            assertTrue(error.contains(wrong.getValue()) && error.lines().count() == 1, error);
        }
    }

    private void wide(String name, String format, int rows, int bytes) {
        spark.range(rows)
                .selectExpr("id", "repeat('a', " + bytes + ") || id AS text")
                .coalesce(1)
                .write()
                .format(format)
                .save(folder.resolve(name).toString());
    }

    @Test
    void wideRowsAreReadFewAtATime() {
        String batches = "spark.sql.parquet.enableVectorizedReader";
        for (String format : List.of("parquet", "orc")) {
            String key = "spark.sql." + format + ".columnarReaderBatchSize";
            try {
                wide("narrow." + format, format, 50, 1000);
                assertEquals(
                        50,
                        read(folder.resolve("narrow." + format), Columns.DEFAULT)
                                .size());
                assertEquals("4096", spark.conf().get(key));
                assertEquals("true", spark.conf().get(batches));
                wide("wide." + format, format, 40, 1 << 20);
                assertEquals(
                        40,
                        read(folder.resolve("wide." + format), Columns.DEFAULT).size());
                int rows = Integer.parseInt(spark.conf().get(key));
                assertTrue(rows >= 16 && rows <= 32, format + ": " + rows);
                // Another set of the same session must not undo it.
                read(folder.resolve("narrow." + format), Columns.DEFAULT);
                assertEquals(rows, Integer.parseInt(spark.conf().get(key)));
                // Parquet's pages are memory enough.
                assertEquals(String.valueOf(format.equals("orc")), spark.conf().get(batches));
            } finally {
                spark.conf().unset(key);
                spark.conf().unset(batches);
            }
        }
    }

    @Test
    void columnsAreFoundAsSparkFindsThem() throws IOException {
        Path path = file("case.csv", "ID,Text\na,山の朝\n");
        assertEquals("山の朝", read(path, Columns.DEFAULT).get("a").getString(2));
        assertEquals("山の朝", read(path, new Columns("TEXT", null, "Id")).get("a").getString(2));
        Path struct = file("case.jsonl", "{\"Meta\":{\"Key\":\"k\"},\"text\":\"川\"}\n");
        assertEquals(
                "川", read(struct, new Columns(null, null, "meta.key")).get("k").getString(2));
        Path both = file("both.csv", "id,text,Text\na,山,川\n");
        String error = error(both, Columns.DEFAULT);
        assertTrue(error.contains("differ in more than upper and lower case, found [id, text, Text]"), error);
        spark.conf().set("spark.sql.caseSensitive", "true");
        try {
            assertEquals(
                    "川", read(both, new Columns("Text", null, null)).get("a").getString(2));
            assertTrue(error(path, Columns.DEFAULT).contains("expected a column \"text\""));
        } finally {
            spark.conf().unset("spark.sql.caseSensitive");
        }
    }
}
