package org.bybert.udf.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FillMaskPartitionTest {

    private static SparkSession spark;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder().getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    private static List<Row> fillMask(Dataset<Row> input, BatchOptions options) {
        return input.mapPartitions(
                        BatchPartition.fillMask(
                                TestModel.reference(), options, FillOptions.DEFAULTS, 0, BatchMetrics.register(spark)),
                        Encoders.row(BatchPartition.schema(input.schema(), BatchPartition.FILLED)))
                .collectAsList();
    }

    @Test
    void masksAreFilledAsTheEncoderFillsThem() {
        List<String> texts =
                new ArrayList<>(List.of("京都は古い<mask><mask><mask>である。", "", "伏せ字なし", "とても長い文の終わりに<mask>がある", "<mask>"));
        texts.add(null);
        Dataset<Row> input =
                spark.createDataset(texts, Encoders.STRING()).toDF("text").coalesce(1);
        List<Row> rows = fillMask(input, BatchOptions.DEFAULTS.withLimit(30, LongText.TRUNCATE));
        Models.Open model = Models.get(TestModel.reference());
        for (int i = 0; i < 5; i++) {
            Row row = rows.get(i);
            String text = i == 3 ? "とても長い文の終わり" : texts.get(i);
            int[] ids = model.encoder().tokenizer().encode(text);
            FilledText expected = model.encoder()
                    .withSession(session -> session.fillMask(List.of(ids)).get(0));
            assertEquals(expected.text(), row.getAs("filled"));
            assertEquals(expected.masks() == 0 ? null : expected.score(), row.<Double>getAs("score"));
            assertEquals(text.length() < texts.get(i).length(), row.<Boolean>getAs("truncated"));
            assertNull(row.getAs("error"));
        }
        assertEquals("null text", rows.get(5).getAs("error"));
        assertNull(rows.get(5).getAs("filled"));
    }

    @Test
    void shorthandStandsForSeveralMasks() {
        Dataset<Row> input = spark.createDataset(
                        List.of("京都は古い<mask:3>である。", "京都は古い<mask><mask><mask>である。"), Encoders.STRING())
                .toDF("text");
        List<Row> rows = fillMask(input, BatchOptions.DEFAULTS);
        assertEquals(rows.get(1).<String>getAs("filled"), rows.get(0).getAs("filled"));
        assertEquals(rows.get(1).<Double>getAs("score"), rows.get(0).<Double>getAs("score"));
    }

    @Test
    void masksAreNotFilledInWindows() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> BatchPartition.fillMask(
                                TestModel.reference(),
                                BatchOptions.DEFAULTS.withLimit(30, LongText.SPLIT),
                                FillOptions.DEFAULTS,
                                0,
                                null))
                .getMessage();
        assertTrue(message.contains("expected truncate or error"), message);
    }
}
