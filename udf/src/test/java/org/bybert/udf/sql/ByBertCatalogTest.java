package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.udf.TestModel;
import org.bybert.udf.batch.BatchMetrics;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The functions of a session that knows a catalog and no extension. */
class ByBertCatalogTest {

    private static final int ROWS = 20;
    private static SparkSession application;
    private SparkSession spark;

    @BeforeAll
    static void startSpark() {
        application = SparkSession.builder().getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        application.stop();
    }

    @BeforeEach
    void newSession() {
        spark = application.newSession();
        SparkSession.setActiveSession(spark);
        spark.conf().set("spark.bybert.model", TestModel.folder().toString());
        spark.conf().set("spark.sql.catalog.bybert", ByBertCatalog.class.getName());
        spark.range(0, ROWS, 1, 1)
                .selectExpr("id", "concat(id, '番目の駅') AS text")
                .createOrReplaceTempView("texts");
    }

    private List<Row> rows(String expression) {
        return spark.sql("SELECT " + expression + " FROM texts ORDER BY id").collectAsList();
    }

    private String refusal(String expression) {
        return assertThrows(AnalysisException.class, () -> rows(expression)).getMessage();
    }

    @Test
    void rowsAreComputedInBatchesAndOnce() {
        BatchMetrics metrics = ByBertExtensions.metrics(spark.sparkContext());
        metrics.rows().reset();
        metrics.batches().reset();
        List<Row> found = rows("bybert.embed(text), bybert.embed(text)");
        assertEquals(ROWS, metrics.rows().value());
        assertTrue(metrics.batches().value() < ROWS, metrics.batches().toString());
        assertEquals(rows("bybert_embed(text), bybert_embed(text, pooling => 'mean')"), found);
        long before = metrics.rows().value();
        spark.sql("SELECT id FROM texts WHERE bybert.score(text) < (SELECT max(bybert.score(text)) FROM texts)")
                .collectAsList();
        assertEquals(2 * ROWS, metrics.rows().value() - before);
    }

    @Test
    void allFunctionsOfATextAndTheModel() {
        spark.conf().set("spark.sql.catalog.bybert.unit", "char");
        spark.conf().set("spark.bybert.unit", "char");
        for (String function :
                List.of("embed(text)", "fill_mask(concat(text, '<mask>'))", "score(text)", "check(text)")) {
            List<Row> found = rows("bybert." + function);
            assertEquals(rows("bybert_" + function), found, function);
        }
        assertEquals(rows("bybert_model()"), rows("bybert.model()"));
        assertEquals(rows("bybert_embed('海')"), rows("bybert.EMBED('海')"));
        assertEquals(rows("bybert_embed(null)"), rows("bybert.embed(null)"));
    }

    @Test
    void optionsAreKeysOfTheCatalogAndWinOverTheSessions() {
        List<Row> mean = rows("bybert.embed(text)");
        spark.conf().set("spark.bybert.pooling", "max");
        assertNotEquals(mean, rows("bybert.embed(text)"));
        spark.conf().set("spark.sql.catalog.bybert.pooling", "mean");
        assertEquals(mean, rows("bybert.embed(text)"));
        spark.conf().set("spark.sql.catalog.bybert.poolin", "mean");
        assertTrue(refusal("bybert.embed(text)").contains("spark.sql.catalog.bybert.poolin: unknown"));
        spark.conf().unset("spark.sql.catalog.bybert.poolin");
        spark.conf().set("spark.sql.catalog.bybert.pooling", "median");
        String message = refusal("bybert.embed(text)");
        assertTrue(
                message.contains("spark.sql.catalog.bybert.pooling: expected [mean, cls, max], found 'median'"),
                message);
    }

    @Test
    void twoCatalogsHaveTwoModelsEachWithItsOwnOptions() {
        spark.conf().set("spark.bybert.model.option.add_eos_token", "false");
        spark.conf().set("spark.sql.catalog.other", ByBertCatalog.class.getName());
        spark.conf().set("spark.sql.catalog.other.model", TestModel.folder().toString());
        List<Row> other = rows("other.embed(text)");
        assertNotEquals(other, rows("bybert.embed(text)"));
        spark.conf().set("spark.sql.catalog.other.model.option.add_eos_token", "false");
        assertEquals(rows("other.embed(text)"), rows("bybert.embed(text)"));
    }

    @Test
    void whatACatalogsFunctionCannotTakeIsSaid() {
        for (String call : List.of("embed(text, pooling => 'cls')", "embed(text, 'cls')", "embed()")) {
            String message = refusal("bybert." + call);
            assertTrue(message.contains("SET spark.sql.catalog.bybert.pooling=…, or call bybert_embed("), message);
        }
        assertTrue(refusal("bybert.embed(id)").contains("expected a text of type string"));
        assertTrue(refusal("bybert.mask_words(text, 0.5, 1)").contains("mask_words"));
        spark.conf().set("spark.bybert.model", "/no/such");
        assertTrue(refusal("bybert.embed(text)").contains("/no/such"));
    }
}
