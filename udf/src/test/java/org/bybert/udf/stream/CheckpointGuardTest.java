package org.bybert.udf.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.SparkThrowable;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.udf.TestModel;
import org.bybert.udf.ml.ByBertEmbedder;
import org.bybert.udf.sql.ByBertExtensions;
import org.bybert.udf.sql.ByBertFunctions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointGuardTest {

    private static SparkSession spark;

    @TempDir
    Path folder;

    private int files;

    @BeforeEach
    void startSpark() {
        spark = SparkSession.builder().getOrCreate();
        ByBertFunctions.register(spark, TestModel.reference(), BatchOptions.DEFAULTS);
    }

    @AfterEach
    void stopSpark() {
        spark.stop();
    }

    /** The bundled model with other files, elsewhere. */
    private Path otherModel() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("other"));
        try (Stream<Path> all = Files.list(TestModel.folder())) {
            for (Path file : all.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Path config = copy.resolve("config.json");
        Files.writeString(config, Files.readString(config) + "\n");
        return copy;
    }

    /** One more file than before is read, and all that was not; gives the rows of the output. */
    private long run(Function<Dataset<Row>, Dataset<Row>> query) throws Exception {
        start(query).awaitTermination();
        return spark.read().parquet(folder.resolve("output").toString()).count();
    }

    private long run(String... columns) throws Exception {
        return run(lines -> lines.selectExpr(columns));
    }

    private StreamingQuery start(Function<Dataset<Row>, Dataset<Row>> query) throws Exception {
        return query.apply(lines())
                .writeStream()
                .format("parquet")
                .option("path", folder.resolve("output").toString())
                .option("checkpointLocation", checkpoint().toString())
                .trigger(Trigger.AvailableNow())
                .start();
    }

    private Dataset<Row> lines() throws IOException {
        Path input = Files.createDirectories(folder.resolve("input"));
        Files.writeString(input.resolve(files++ + ".txt"), "朝の雪\n");
        return spark.readStream().option("maxFilesPerTrigger", 1).text(input.toString());
    }

    private Path checkpoint() {
        return folder.resolve("checkpoint");
    }

    private List<String> records() throws IOException {
        try (Stream<Path> all = Files.list(checkpoint().resolve("bybert"))) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".crc"))
                    .sorted()
                    .toList();
        }
    }

    private static String refusal(org.junit.jupiter.api.function.Executable run) {
        StreamingQueryException thrown = assertThrows(StreamingQueryException.class, run);
        assertEquals("USER_RAISED_EXCEPTION", ((SparkThrowable) thrown.getCause()).getCondition());
        String message = thrown.getCause().getMessage();
        assertEquals(1, message.lines().filter(line -> !line.isBlank()).count(), message);
        return message;
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), text);
        }
    }

    @Test
    void goesOnWithTheSameAndIsRefusedWithAnotherModel() throws Exception {
        assertEquals(1, run("value", "bybert_embed(value) AS v"));
        assertEquals(2, run("value", "bybert_embed(value, batch_bytes => 64) AS v"));
        assertEquals(List.of("0.json"), records());
        Path other = otherModel();
        String call = "bybert_embed(value, model => '" + other + "') AS v";
        assertContains(
                refusal(() -> run("value", call)),
                "bybert_embed",
                checkpoint().toString(),
                Fingerprint.of(TestModel.folder()),
                Fingerprint.of(other),
                other.toString(),
                "spark.bybert.allow_change=true");
        assertEquals(4, run("value", "bybert_embed(value) AS v"), "the refused rows and a new one");

        spark.conf().set("spark.bybert.allow_change", "perhaps");
        assertContains(refusal(() -> run("value", call)), "allow_change: expected true or false, found 'perhaps'");
        spark.conf().set("spark.bybert.allow_change", "true");
        assertEquals(6, run("value", call));
        spark.conf().unset("spark.bybert.allow_change");
        assertEquals(7, run("value", call));
        assertEquals(List.of("0.json", "1.json"), records());
        assertContains(refusal(() -> run("value", "bybert_embed(value) AS v")), "fingerprint");
    }

    @Test
    void optionsAreComparedWhereTheyDecideAndCallsMayBeAdded() throws Exception {
        run(
                "bybert_embed(value) AS v",
                "bybert_score(value, unit => 'char') AS s",
                "bybert_fill_mask(value).text AS f");
        assertContains(
                refusal(() -> run(
                        "bybert_embed(value, pooling => 'cls', normalize => true) AS v",
                        "bybert_score(value, unit => 'char') AS s")),
                "bybert_embed: ",
                "normalize: false, now true; pooling: mean, now cls. ");
        assertContains(
                refusal(() -> run("bybert_embed(value) AS v", "bybert_score(value, unit => 'byte') AS s")),
                "bybert_score: ",
                "unit: char, now byte. ");
        assertContains(
                refusal(() -> run("bybert_score(value, unit => 'char', method => 'word-l2r') AS s")),
                "method: null, now word-l2r. ");
        assertContains(
                refusal(() -> run("bybert_fill_mask(value, max_bytes => 20, long_text => 'truncate').text AS f")),
                "long_text: error, now truncate; max_bytes: 0, now 20. ");
        assertContains(
                refusal(() -> run("bybert_embed(value, model => '" + TestModel.folder()
                        + "', model_options => map('rms_norm_eps', '0.5')) AS v")),
                "rms_norm_eps: ",
                ", now 0.5. ");
        assertEquals(
                7,
                run(
                        "bybert_embed(value) AS v",
                        "CASE WHEN value > '' THEN bybert_embed(value, pooling => 'max') END AS v2",
                        "bybert_mask_words(value, 0.5, 7, unit => 'char') AS m"));
        assertEquals(List.of("0.json", "1.json"), records());
        assertContains(
                refusal(() -> run("bybert_embed(value) AS v", "bybert_embed(value, pooling => 'cls') AS v2")),
                "pooling: max, now cls. ");
    }

    @Test
    void stagesAreRefusedAsFunctionsAreAndInSessionsThatKnowNoFunctions() throws Exception {
        stopSpark();
        spark = SparkSession.builder().getOrCreate();
        ByBertEmbedder stage = new ByBertEmbedder()
                .setModel(TestModel.folder().toString())
                .setInputCol("value")
                .setOutputCol("v")
                .setOutputType("array");
        assertEquals(1, run(stage::transform));
        assertContains(
                refusal(() -> run(stage.setPooling("max")::transform)), "bybert_embed: ", "pooling: mean, now max");
        assertEquals(3, run(stage.setPooling("mean")::transform));
        ByBertFunctions.register(spark, TestModel.reference(), BatchOptions.DEFAULTS);
        assertEquals(4, run("value", "bybert_embed(value) AS v"));
        assertContains(refusal(() -> run("value", "bybert_embed(value, pooling => 'max') AS v")), "now max");
    }

    @Test
    void theExtensionRefusesWithTheKeysOfTheSession() throws Exception {
        stopSpark();
        spark = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .config("spark.bybert.model", TestModel.folder().toString())
                .getOrCreate();
        assertEquals(1, run("value", "bybert_embed(value) AS v"));
        spark.conf().set("spark.bybert.model", otherModel().toString());
        assertContains(refusal(() -> run("value", "bybert_embed(value) AS v")), "fingerprint");
        spark.conf().set("spark.bybert.allow_change", "TRUE");
        assertEquals(3, run("value", "bybert_embed(value) AS v"));
    }

    @Test
    void whatAProgramDoesWithEachBatchCounts() throws Exception {
        VoidFunction2<Dataset<Row>, Long> both = (batch, id) -> {
            batch.selectExpr("bybert_embed(value)").collectAsList();
            batch.selectExpr("bybert_embed(value, pooling => 'cls')").collectAsList();
        };
        forEachBatch(both);
        forEachBatch(both);
        assertContains(
                refusal(() -> forEachBatch((batch, id) -> batch.selectExpr("bybert_embed(value, pooling => 'max')")
                        .collectAsList())),
                "now max");
        assertEquals(2, records().size());
    }

    private void forEachBatch(VoidFunction2<Dataset<Row>, Long> work) throws Exception {
        lines().writeStream()
                .foreachBatch(work)
                .option("checkpointLocation", checkpoint().toString())
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
    }

    @Test
    void aBrokenRecordIsNamed() throws Exception {
        run("value", "bybert_embed(value) AS v");
        Path record = checkpoint().resolve("bybert/0.json");
        String content = Files.readString(record);
        for (String broken :
                List.of(content.replace("mean", "m3an"), content.substring(0, 40), "", "null", "[]", "{}")) {
            Files.writeString(record, broken);
            if (!broken.contains("m3an")) {
                Files.deleteIfExists(checkpoint().resolve("bybert/.0.json.crc"));
            }
            assertContains(
                    refusal(() -> run("value", "bybert_embed(value) AS v")),
                    record.toString(),
                    "expected JSON",
                    "delete it");
        }
        Files.delete(record);
        assertEquals(8, run("value", "bybert_embed(value) AS v"));
    }
}
