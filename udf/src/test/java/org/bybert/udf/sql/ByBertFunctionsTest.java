package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.bybert.udf.batch.BatchMetrics;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ByBertFunctionsTest {

    private static SparkSession spark;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder().getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    private static BatchMetrics register(BatchOptions options) {
        return ByBertFunctions.register(spark, TestModel.reference(), options);
    }

    private static Dataset<Row> texts(String... texts) {
        List<String> list = new ArrayList<>(List.of(texts));
        list.add(null);
        return spark.createDataset(list, Encoders.STRING()).toDF("text").repartition(2);
    }

    @Test
    void embeddingsAreThoseOfTheEncoder() {
        register(BatchOptions.DEFAULTS.withPooling(Pooling.MAX, true));
        Dataset<Row> result = texts("川の水は冷たい。", "").selectExpr("text", "bybert_embed(text) AS vector");
        assertEquals(
                DataTypes.createArrayType(DataTypes.FloatType, false),
                result.schema().apply("vector").dataType());
        Models.Open model = Models.get(TestModel.reference());
        for (Row row : result.collectAsList()) {
            if (row.isNullAt(0)) {
                assertTrue(row.isNullAt(1));
                continue;
            }
            int[] ids = model.encoder().tokenizer().encode(row.getString(0));
            float[] expected = model.encoder().withSession(s -> s.embed(List.of(ids), Pooling.MAX)[0]);
            Pooling.normalize(expected);
            List<Float> found = row.getList(1);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found.get(i));
            }
        }
    }

    @Test
    void masksAreFilled() {
        register(BatchOptions.DEFAULTS);
        List<Row> rows = texts("京都は古い<mask><mask><mask>である。", "", "伏せ字なし")
                .selectExpr("text", "bybert_fill_mask(text) AS filled")
                .selectExpr("text", "filled.*")
                .collectAsList();
        for (Row row : rows) {
            String text = row.getAs(0);
            if (text == null) {
                assertTrue(row.isNullAt(1) && row.isNullAt(2) && row.isNullAt(3));
            } else if (text.contains("<mask>")) {
                assertTrue(
                        row.getString(1).startsWith("京都は古い") && row.getString(1).endsWith("である。"), row::toString);
                assertFalse(row.getString(1).contains("<mask>"));
                assertTrue(row.getDouble(2) > 0 && row.getDouble(2) <= 1);
            } else {
                assertEquals(text, row.getString(1));
                assertTrue(row.isNullAt(2));
            }
        }
    }

    @Test
    void aTooLongTextIsRejectedVisibly() {
        BatchMetrics counters = register(BatchOptions.DEFAULTS.withLimit(20, LongText.ERROR));
        Dataset<Row> rows =
                texts("二十バイトを超える長さの文", "短い文").where("text IS NOT NULL").cache();
        List<Row> embedded = rows.selectExpr("text", "bybert_embed(text) AS v").collectAsList();
        assertEquals(1L, counters.errors().value().get("too long"));
        for (Row row : embedded) {
            assertEquals(row.getString(0).length() > 6, row.isNullAt(1));
        }
        for (Row row : rows.selectExpr("text", "bybert_fill_mask(text) AS f", "bybert_check(text) AS c")
                .selectExpr("text", "f.error", "c")
                .collectAsList()) {
            String expected = row.getString(0).length() > 6 ? "too long: 40 tokens, the limit is 21" : null;
            assertEquals(expected, row.get(1));
            assertEquals(expected, row.get(2));
        }
    }

    @Test
    void aTooLongTextIsTruncatedAtACharacter() {
        BatchMetrics counters = register(BatchOptions.DEFAULTS.withLimit(8, LongText.TRUNCATE));
        List<Row> rows = texts("海と山と空")
                .where("text IS NOT NULL")
                .selectExpr("bybert_fill_mask(text).text", "bybert_check(text)")
                .collectAsList();
        assertEquals("海と", rows.get(0).getString(0));
        assertTrue(rows.get(0).isNullAt(1));
        assertEquals(1, counters.truncated().value());
    }

    @Test
    void aRowIsTheBatchOfOne() {
        register(BatchOptions.DEFAULTS);
        Models.Open model = Models.get(TestModel.reference());
        List<String> texts = List.of("朝の市場は人でいっぱいだ。", "夜", "雪がやんで、道が凍った。");
        List<int[]> ids =
                texts.stream().map(model.encoder().tokenizer()::encode).toList();
        float[][] batch = model.encoder().withSession(s -> s.embed(ids, Pooling.MEAN));
        spark.createDataset(texts, Encoders.STRING()).toDF("text").createOrReplaceTempView("rows");
        List<Row> rows = spark.sql("SELECT text, bybert_embed(text) FROM rows").collectAsList();
        for (Row row : rows) {
            List<Float> vector = row.getList(1);
            float[] found = new float[vector.size()];
            for (int i = 0; i < found.length; i++) {
                found[i] = vector.get(i);
            }
            assertArrayEquals(batch[texts.indexOf(row.getString(0))], found);
        }
    }

    @Test
    void aCallIsComputedOncePerRowAndInBatches() {
        BatchMetrics metrics = register(BatchOptions.DEFAULTS);
        spark.range(0, 3, 1, 1)
                .selectExpr("element_at(array('海<mask>', '山<mask>', '川'), int(id) + 1) text")
                .createOrReplaceTempView("masked");
        Dataset<Row> query = spark.sql("SELECT f.text, f.score FROM (SELECT bybert_fill_mask(text) f FROM masked) "
                + "WHERE f.score > 0 ORDER BY f.score");
        assertEquals(2, query.collectAsList().size());
        assertEquals(
                3,
                metrics.rows().value(),
                () -> query.queryExecution().executedPlan().toString());
        assertEquals(1, metrics.batches().value());
    }

    @Test
    void aBadModelIsRefusedOnTheDriver() {
        ModelReference missing = new ModelReference("/does/not/exist", Map.of());
        ModelException error = assertThrows(
                ModelException.class, () -> ByBertFunctions.register(spark, missing, BatchOptions.DEFAULTS));
        assertNotNull(error.getMessage());
        assertEquals(0, Models.attempts(missing));
    }
}
