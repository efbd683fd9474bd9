package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SQL with a model whose files do not say how it was trained. */
class MeasuredModelTest {

    private static SparkSession application;

    @TempDir
    static Path folder;

    private static Path model;

    @BeforeAll
    static void start() throws IOException {
        application = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .getOrCreate();
        model = TestModel.stripped("bit-prefix-eos", folder.resolve("stripped"));
    }

    @AfterAll
    static void stop() {
        application.stop();
    }

    private static SparkSession session(Path model) {
        SparkSession session = application.newSession();
        session.sql("SET spark.bybert.model=" + model);
        return session;
    }

    @ParameterizedTest
    @CsvSource({"mixed-radix-no-eos, mixed-radix, false", "bit-prefix-eos, bit-prefix, true"})
    void itGivesTheBitsThatExplicitOptionsGive(String name, String encoding, String eos) throws IOException {
        SparkSession spark = session(TestModel.stripped(name, folder.resolve(name)));
        String explicit = "model_options => map('byte_encoding', '" + encoding + "', 'add_eos_token', '" + eos
                + "', 'add_bos_token', 'false')";
        for (String call : List.of("bybert_embed('川の水は冷たい。'", "bybert_fill_mask('川の<mask><mask><mask>は冷たい。'")) {
            Row row = spark.sql("SELECT " + call + "), " + call + ", " + explicit + ")")
                    .head();
            assertEquals(row.get(1), row.get(0));
        }
    }

    @Test
    void theModelSaysWhereItsSettingsComeFrom() {
        SparkSession spark = session(model);
        Row row = spark.sql("SELECT m.model, m.fingerprint, m.settings['add_eos_token'].value, "
                        + "m.settings['add_eos_token'].origin, m.settings['rope_theta'].origin, m.measured "
                        + "FROM (SELECT bybert_model() AS m)")
                .head();
        assertEquals(model.toString(), row.getString(0));
        assertEquals(64, row.getString(1).length());
        assertEquals(List.of("true", "measured", "config.json"), List.of(row.get(2), row.get(3), row.get(4)));
        assertTrue(
                row.getList(5)
                        .toString()
                        .matches("(?s).*add_eos_token: true, measured: [0-9.]+ ± [0-9.]+ nats/character better.*"),
                row::toString);
        Row bundled = session(TestModel.folder())
                .sql("SELECT bybert_model().measured, bybert_model(model => '" + model
                        + "').settings['byte_encoding'].value")
                .head();
        assertEquals(List.of(), bundled.getList(0));
        assertEquals("bit-prefix", bundled.getString(1));
    }

    @Test
    void withoutDetectionTheMissingSettingIsNamed() {
        SparkSession spark = session(model);
        spark.sql("SET spark.bybert.detect=false");
        String message = assertThrows(AnalysisException.class, () -> spark.sql("SELECT bybert_embed('a')"))
                .getMessage();
        assertTrue(message.contains("byte_encoding: expected one of [utf-8, mixed-radix, bit-prefix]"), message);
        spark.sql("SET spark.bybert.detect=maybe");
        String wrong = assertThrows(AnalysisException.class, () -> spark.sql("SELECT bybert_embed('a')"))
                .getMessage();
        assertTrue(wrong.contains("spark.bybert.detect: expected true or false, found 'maybe'"), wrong);
    }

    @Test
    void whatIsUndecidedIsSaid() throws IOException {
        Path random = TestModel.stripped("bit-prefix-eos", folder.resolve("random"));
        Path golden = TestModel.folder()
                .toAbsolutePath()
                .getParent()
                .resolveSibling("encoder/src/test/resources/golden/utf8-bf16");
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.delete(random.resolve(name));
            Files.copy(golden.resolve(name), random.resolve(name));
        }
        Row row = session(random)
                .sql("SELECT bybert_embed('a'), bybert_model().measured, "
                        + "bybert_model().settings['add_eos_token'].origin")
                .head();
        assertTrue(!row.isNullAt(0));
        assertTrue(
                row.getList(1)
                        .toString()
                        .contains("add_eos_token: undecided between false, true (no candidate predicts"),
                row::toString);
        assertEquals("measured, undecided", row.getString(2));
    }
}
