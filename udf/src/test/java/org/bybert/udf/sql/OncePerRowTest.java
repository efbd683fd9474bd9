package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.sql.plan.EvaluateCallsExec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often the model works for a row, whatever the optimizer makes of a query. */
class OncePerRowTest {

    private static final int ROWS = 6;
    private static SparkSession spark;
    private static BatchMetrics metrics;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .config("spark.bybert.model", TestModel.folder().toString())
                .getOrCreate();
        metrics = ByBertExtensions.metrics(spark.sparkContext());
        List<Row> rows = List.of(
                RowFactory.create(1, "京都は<mask><mask><mask>である。"),
                RowFactory.create(2, "海<mask>"),
                RowFactory.create(3, "山<mask>"),
                RowFactory.create(4, "川"),
                RowFactory.create(5, null),
                RowFactory.create(6, "空と海"),
                RowFactory.create(7, "空と雲"));
        spark.createDataFrame(
                        rows, new StructType().add("id", DataTypes.IntegerType).add("t", DataTypes.StringType))
                .repartition(2)
                .createOrReplaceTempView("texts");
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    @BeforeEach
    void zero() {
        metrics.rows().reset();
        metrics.batches().reset();
    }

    /** Runs a query; null texts do not count. */
    private static List<Row> run(long expectedRows, String sql) {
        long before = metrics.rows().value();
        Dataset<Row> result = spark.sql(sql);
        List<Row> rows = result.collectAsList();
        assertEquals(
                expectedRows,
                metrics.rows().value() - before,
                () -> sql + "\n" + result.queryExecution().executedPlan());
        return rows;
    }

    @Test
    void fieldsOfAResultShareOneCall() {
        run(ROWS, "SELECT f.text, f.score, f.error FROM (SELECT bybert_fill_mask(t) f FROM texts)");
        run(ROWS, "SELECT bybert_fill_mask(t).text, bybert_fill_mask(t).score FROM texts");
        run(
                ROWS,
                "SELECT f.* FROM (SELECT id, bybert_fill_mask(t) f FROM texts) WHERE f.score > 0 ORDER BY f.score, f.text");
        assertEquals(
                3,
                run(
                                ROWS,
                                "SELECT bybert_fill_mask(t).text FROM texts WHERE bybert_fill_mask(t).score > 0 "
                                        + "ORDER BY bybert_fill_mask(t).score")
                        .size());
        run(ROWS, "SELECT CASE WHEN bybert_fill_mask(t).error IS NULL THEN bybert_fill_mask(t).text END FROM texts");
    }

    @Test
    void aSortTakesItsSampleFromWhatIsComputed() {
        List<Row> rows = run(ROWS, "SELECT id, bybert_score(t) s FROM texts WHERE t IS NOT NULL ORDER BY s");
        for (int i = 1; i < rows.size(); i++) {
            assertTrue(rows.get(i - 1).getDouble(1) <= rows.get(i).getDouble(1));
        }
        assertEquals(
                rows.subList(0, 2),
                run(ROWS, "SELECT id, bybert_score(t) s FROM texts WHERE t IS NOT NULL ORDER BY s LIMIT 2"));
        run(ROWS, "SELECT /*+ REPARTITION_BY_RANGE(2, s) */ id, s FROM (SELECT id, bybert_score(t) s FROM texts)");
    }

    @Test
    void otherPartsOfAQueryUseTheSameCall() {
        run(
                ROWS,
                "SELECT bybert_fill_mask(t).text, count(*), max(bybert_fill_mask(t).score) FROM texts "
                        + "GROUP BY bybert_fill_mask(t).text HAVING count(*) > 0 ORDER BY bybert_fill_mask(t).text");
        run(
                ROWS,
                "SELECT id, rank() OVER (PARTITION BY bybert_fill_mask(t).error ORDER BY bybert_fill_mask(t).score) "
                        + "FROM texts");
        run(
                ROWS,
                "SELECT id, span.text FROM texts LATERAL VIEW "
                        + "explode(bybert_mask_words(t, 1, 1, unit => 'char').spans) s AS span");
        run(ROWS, "SELECT id, v[0] FROM texts, LATERAL (SELECT bybert_embed(texts.t) AS v)");
        run(ROWS, "SELECT (SELECT max(bybert_embed(t)[0]) FROM texts) FROM range(3)");
        run(ROWS, "SELECT id FROM range(8) WHERE id IN (SELECT size(bybert_embed(t)) FROM texts)");
    }

    @Test
    void aJoinComputesEachSideOnce() {
        run(
                2 * ROWS,
                "SELECT a.id, b.id FROM texts a JOIN texts b "
                        + "ON bybert_embed(a.t)[0] < bybert_embed(b.t)[0] AND bybert_embed(a.t)[1] > 0");
        run(ROWS, "SELECT a.id FROM texts a LEFT JOIN range(3) b ON a.id = b.id AND bybert_embed(a.t)[0] > 0");
    }

    @Test
    void aCommonTableExpressionIsComputedOnce() {
        List<Row> rows = run(
                ROWS,
                "WITH e AS (SELECT id, bybert_embed(t, normalize => true) v FROM texts "
                        + "WHERE t IS NOT NULL) SELECT a.id, b.id, aggregate(zip_with(a.v, b.v, (x, y) -> x * y), 0D, (s, x) -> s + x) "
                        + "FROM e a JOIN e b ON a.id <= b.id");
        assertEquals(ROWS * (ROWS + 1) / 2, rows.size());
        for (Row row : rows) {
            assertTrue(
                    row.getDouble(2) < 1 + 1e-5 && (row.getInt(0) != row.getInt(1) || row.getDouble(2) > 1 - 1e-5),
                    row::toString);
        }
    }

    @Test
    void rowsThatAConditionLeavesOutAreNotComputed() {
        run(1, "SELECT * FROM (SELECT id, bybert_embed(t) v FROM texts) WHERE id = 1");
        run(1, "SELECT id FROM texts WHERE bybert_score(t) < 0 AND id = 1");
        run(0, "SELECT id FROM (SELECT id, bybert_embed(t) v FROM texts)");
        run(ROWS, "SELECT w FROM (SELECT bybert_embed(t) v, bybert_embed(t, pooling => 'cls') w FROM texts)");
        run(1, "SELECT CASE WHEN id = 1 THEN bybert_embed(t) END FROM texts");
        run(1, "SELECT f.text, f.score FROM (SELECT if(id = 1, bybert_fill_mask(t), NULL) f FROM texts)");
    }

    private static List<Row> runTogether(long expectedRows, String sql) {
        return runTogether(expectedRows, Math.min(expectedRows, 1), sql);
    }

    /** Runs a query on rows of one task. */
    private static List<Row> runTogether(long expectedRows, long expectedBatches, String sql) {
        spark.table("texts").coalesce(1).createOrReplaceTempView("one_partition");
        metrics.batches().reset();
        List<Row> rows = run(expectedRows, sql.replace("texts", "one_partition"));
        assertEquals(expectedBatches, metrics.batches().value(), sql);
        return rows;
    }

    @Test
    void rowsThatReachABranchAreComputedTogether() {
        List<Row> all = runTogether(ROWS, "SELECT id, bybert_embed(t) FROM texts ORDER BY id");
        List<Row> odd =
                runTogether(3, "SELECT id, CASE WHEN id % 2 = 1 THEN bybert_embed(t) END FROM texts ORDER BY id");
        for (int i = 0; i < all.size(); i++) {
            assertEquals(i % 2 == 0 ? all.get(i).get(1) : null, odd.get(i).get(1));
        }
        runTogether(3, "SELECT if(id % 2 = 1, bybert_embed(t), array()) FROM texts");
        runTogether(
                4,
                3,
                "SELECT CASE id WHEN 1 THEN bybert_embed(t) WHEN 2 THEN bybert_embed(t) WHEN 4 THEN array() "
                        + "WHEN 5 THEN array() ELSE bybert_embed(t) END FROM texts WHERE id < 7");
        runTogether(4, "SELECT coalesce(if(id < 3, 1D, NULL), bybert_score(t)) FROM texts");
        runTogether(3, "SELECT nvl(if(id < 4, 1D, NULL), bybert_score(t)) FROM texts");
        runTogether(4, "SELECT count(*) FROM texts WHERE if(id < 5, bybert_score(t) < 0, false)");
        runTogether(4, "SELECT max(if(id < 5, bybert_score(t), NULL)) FROM texts");
        runTogether(
                4,
                "SELECT if(id < 5, bybert_fill_mask(t).text, NULL), if(id < 5, bybert_fill_mask(t).score, 0) "
                        + "FROM texts");
        runTogether(ROWS, "SELECT if(id < 5, bybert_score(t), NULL), bybert_score(t) FROM texts");
        runTogether(4, "SELECT s + 1 FROM (SELECT id, if(id < 5, bybert_score(t), NULL) s FROM texts) WHERE s < 0");
        runTogether(1, "SELECT s + 1 FROM (SELECT id, if(id < 5, bybert_score(t), NULL) s FROM texts) WHERE id = 2");
        runTogether(0, "SELECT id FROM (SELECT id, if(id < 5, bybert_score(t), NULL) s FROM texts)");
        runTogether(3, "SELECT g, count(*) FROM (SELECT if(id < 4, bybert_score(t), NULL) g FROM texts) GROUP BY g");
        runTogether(
                3,
                "SELECT if(id < 4, bybert_score(t), NULL), count(*) FROM texts "
                        + "GROUP BY if(id < 4, bybert_score(t), NULL)");
    }

    @Test
    void branchesWithinBranchesAndConditionsWithCalls() {
        runTogether(
                3,
                2,
                "SELECT CASE WHEN id > 2 THEN if(id % 2 = 0, bybert_embed(t), if(id = 7, bybert_embed(t), NULL)) "
                        + "END FROM texts");
        runTogether(
                ROWS + 3,
                2,
                "SELECT CASE WHEN bybert_score(t) < 100 THEN if(id < 4, bybert_embed(t), NULL) END " + "FROM texts");
        runTogether(
                5 + 2,
                2,
                "SELECT CASE WHEN id = 1 THEN array() WHEN bybert_score(t) IS NULL THEN NULL "
                        + "WHEN id < 4 THEN bybert_embed(t) END FROM texts");
        runTogether(2 * 3, 2, "SELECT if(id < 4, bybert_embed(bybert_fill_mask(t).text), NULL) FROM texts");
        run(4, "SELECT if(id > 5, transform(split(t, 'と'), part -> bybert_embed(part)[0]), NULL) FROM texts");
        run(1, "SELECT id, if(id = 3, bybert_embed(max(t)), NULL) FROM texts GROUP BY id");
        run(1, "SELECT bybert_score('海') - max(id) FROM texts");
        run(ROWS, "SELECT t, bybert_score(t), count(*) FROM texts WHERE id > 0 GROUP BY t");
        run(1, "SELECT if(max(id) > 1, bybert_embed(max(t)), NULL) FROM texts");
        run(
                7,
                "SELECT if(id > 1, bybert_embed(t), NULL) FROM (SELECT id, max(t) t FROM texts GROUP BY id) "
                        + "UNION ALL SELECT if(id > 4, bybert_embed(t), NULL) FROM texts");
    }

    @Test
    void whatDecidesIsEvaluatedOnce() {
        List<Row> rows = spark.sql(
                        "SELECT CASE WHEN rand() < 0.5 THEN size(bybert_embed(t)) WHEN rand() < 0.5 THEN -2 ELSE -3 END "
                                + "FROM texts WHERE t IS NOT NULL")
                .collectAsList();
        assertEquals(
                rows.stream().filter(row -> row.getInt(0) > 0).count(),
                metrics.rows().value());
        runTogether(
                2,
                "SELECT CASE WHEN id < 3 THEN bybert_score(t) WHEN id < 5 THEN 0 "
                        + "WHEN raise_error('reached') IS NULL THEN 1 ELSE bybert_score(t) END FROM texts WHERE id < 5");
        runTogether(1, "SELECT if(id = 1, bybert_score(t || if(id = 1, '', raise_error('reached'))), 0) FROM texts");
        assertThrows(
                Exception.class,
                () -> run(0, "SELECT if(raise_error('reached') IS NULL, bybert_score(t), 0) FROM texts"));
    }

    @Test
    void callsOnCallsAndOnElementsOfArrays() {
        run(2 * ROWS, "SELECT bybert_embed(bybert_fill_mask(t).text)[0], bybert_fill_mask(t).score FROM texts");
        run(4, "SELECT transform(split(t, 'と'), part -> bybert_embed(part)[0]) FROM texts WHERE id > 5");
        run(1, "SELECT bybert_embed(max(t))[0] FROM texts");
    }

    @Test
    void aConstantIsWorkForAnExecutorAndNotForTheOptimizer() {
        ModelReference reference =
                new ModelReference(TestModel.folder().toString(), Map.of("rope_theta", "9999")).resolve();
        Dataset<Row> query = spark.sql("SELECT bybert_embed('海', model => '" + TestModel.folder()
                + "', model_options => map('rope_theta', '9999'))");
        query.queryExecution().executedPlan();
        assertEquals(0, Models.attempts(reference));
        query.collectAsList();
        assertEquals(1, Models.attempts(reference));
    }

    @Test
    void rowsShareABatch() {
        spark.table("texts").coalesce(1).createOrReplaceTempView("one_partition");
        run(ROWS, "SELECT bybert_embed(t) FROM one_partition");
        assertEquals(1, metrics.batches().value());
    }

    @Test
    void aCachedTableIsNotComputedAgain() {
        run(ROWS, "CACHE TABLE vectors AS SELECT id, bybert_embed(t) v FROM texts");
        run(0, "SELECT max(v[0]) FROM vectors");
        run(0, "SELECT id, bybert_embed(t) v FROM texts");
        spark.sql("UNCACHE TABLE vectors");
    }

    @Test
    void aViewTakesTheSettingsOfItsReader() {
        spark.sql("CREATE OR REPLACE TEMPORARY VIEW vectors AS SELECT bybert_embed(t)[0] v FROM texts WHERE id = 4");
        Row mean = run(1, "SELECT * FROM vectors").get(0);
        spark.sql("SET spark.bybert.pooling=max");
        Row max = run(1, "SELECT * FROM vectors").get(0);
        spark.sql("RESET spark.bybert.pooling");
        assertTrue(max.getFloat(0) > mean.getFloat(0));
        assertEquals(mean, run(1, "SELECT * FROM vectors").get(0));
    }

    @Test
    void aDataFrameCanBeJoinedWithItself() {
        Dataset<Row> vectors = spark.sql("SELECT id, bybert_embed(t) v FROM texts WHERE t IS NOT NULL");
        List<Row> rows = vectors.as("a")
                .join(vectors.as("b"))
                .selectExpr("a.id", "b.id", "a.v = b.v")
                .collectAsList();
        assertEquals(ROWS * ROWS, rows.size());
        rows.forEach(row -> assertEquals(row.getInt(0) == row.getInt(1), row.getBoolean(2), row::toString));
    }

    @Test
    void whatIsWrittenIsComputedOnce(@TempDir Path folder) {
        run(
                ROWS,
                "CREATE TABLE written USING parquet LOCATION '" + folder.resolve("written")
                        + "' AS SELECT id, bybert_embed(t) v FROM texts");
        run(ROWS, "INSERT INTO written SELECT id, bybert_embed(t) v FROM texts ORDER BY id");
        assertEquals(14, run(0, "SELECT * FROM written").size());
        spark.sql("DROP TABLE written");
    }

    /** Spark replaces groups of rows in one of these tables, and writes deletions and new rows to the other. */
    @Test
    void mergeUpdateAndDeleteComputeTheRowsTheyReachTogether() {
        spark.conf()
                .set(
                        "spark.sql.catalog.rows",
                        "org.apache.spark.sql.connector.catalog.InMemoryRowLevelOperationTableCatalog");
        for (boolean deltas : List.of(false, true)) {
            String table = "rows.space.t" + deltas;
            spark.sql("CREATE TABLE " + table
                    + " (pk INT NOT NULL, t STRING, s DOUBLE, part STRING) PARTITIONED BY (part) TBLPROPERTIES ('supports-deltas' = '"
                    + deltas + "')");
            spark.sql("INSERT INTO " + table + " SELECT id, t, 1, 'a' FROM texts WHERE id < 5");
            metrics.batches().reset();
            run(
                    5,
                    "MERGE INTO " + table
                            + " w USING (SELECT /*+ COALESCE(1) */ id, t FROM texts WHERE id <> 5) r ON w.pk = r.id "
                            + "WHEN MATCHED AND w.pk = 4 THEN DELETE "
                            + "WHEN MATCHED THEN UPDATE SET s = bybert_score(r.t) "
                            + "WHEN NOT MATCHED THEN INSERT (pk, t, s, part) VALUES (r.id, r.t, bybert_score(r.t), 'a')");
            assertEquals(2, metrics.batches().value(), table);
            List<Row> scores = spark.sql("SELECT id, bybert_score(t) FROM texts WHERE id NOT IN (4, 5) ORDER BY id")
                    .collectAsList();
            assertEquals(scores, run(0, "SELECT pk, s FROM " + table + " ORDER BY pk"), table);

            metrics.batches().reset();
            run(5, "UPDATE " + table + " SET s = 1 WHERE bybert_score(t) < 0");
            assertEquals(1, metrics.batches().value(), table);
            metrics.batches().reset();
            // Of a group all rows are read that may stay.
            run(deltas ? 2 : 5, "DELETE FROM " + table + " WHERE pk < 3 AND bybert_score(t) < 0");
            assertEquals(1, metrics.batches().value(), table);
            assertEquals(
                    3, run(0, "SELECT pk, s FROM " + table + " WHERE s = 1").size(), table);
        }
    }

    @Test
    void aStreamIsComputedInMicroBatches(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("a.txt"), "海\n山\n");
        Files.writeString(folder.resolve("b.txt"), "川\n");
        long before = metrics.rows().value();
        spark.readStream()
                .option("maxFilesPerTrigger", "1")
                .text(folder.toString())
                .createOrReplaceTempView("lines");
        spark.sql("SELECT value, bybert_embed(value) v FROM lines WHERE bybert_score(value) < 0")
                .writeStream()
                .format("memory")
                .queryName("stream")
                .trigger(Trigger.AvailableNow())
                .start()
                .awaitTermination();
        assertEquals(6, metrics.rows().value() - before);
        List<Row> rows = run(0, "SELECT value, v FROM stream");
        assertEquals(3, rows.size());
        rows.forEach(row -> assertEquals(
                row.getList(1),
                run(1, "SELECT bybert_embed('" + row.getString(0) + "')").get(0).getList(0)));
    }

    @Test
    void unionsAndSetOperationsKeepTheirRows() {
        List<Row> rows =
                run(2 * ROWS, "SELECT bybert_embed(t)[0] FROM texts UNION ALL SELECT bybert_embed(t)[0] FROM texts");
        assertEquals(14, rows.size());
        assertEquals(
                7,
                run(2 * ROWS, "SELECT bybert_embed(t) FROM texts INTERSECT SELECT bybert_embed(t) FROM texts")
                        .size());
    }

    /** What the log says of a query. */
    private static List<String> warnings(String sql) {
        List<String> warnings = Collections.synchronizedList(new ArrayList<>());
        AbstractAppender appender = new AbstractAppender("warnings", null, null, true, Property.EMPTY_ARRAY) {
            @Override
            public void append(LogEvent event) {
                warnings.add(event.getMessage().getFormattedMessage());
            }
        };
        appender.start();
        Configurator.setLevel(EvaluateCallsExec.class.getName(), Level.WARN);
        Logger logger = (Logger) LogManager.getLogger(EvaluateCallsExec.class);
        logger.addAppender(appender);
        try {
            spark.sql(sql).collectAsList();
        } finally {
            logger.removeAppender(appender);
        }
        return warnings;
    }

    @Test
    void aFileThatIsOneTaskOnSeveralCoresIsSaid(@TempDir Path folder) {
        int cores = spark.sparkContext().defaultParallelism();
        Path large = folder.resolve("large");
        // Most of it is not asked for: what counts here is the file.
        spark.range(2000)
                .selectExpr("id", "uuid() || uuid() || uuid() AS t")
                .coalesce(1)
                .write()
                .parquet(large.toString());
        String where = "parquet.`" + large + "` WHERE id < 3";
        List<String> warnings = warnings("SELECT bybert_embed(t), bybert_score(t) FROM " + where);
        assertEquals(cores > 1 ? 1 : 0, warnings.size(), warnings.toString());
        if (cores > 1) {
            assertTrue(
                    warnings.get(0)
                            .matches(".*/large: one task reads all of it and computes its bybert_embed.*"
                                    + "REPARTITION\\(" + 4 * cores + "\\).*"),
                    warnings.get(0));
        }
        assertEquals(
                List.of(), warnings("SELECT bybert_embed(t) FROM (SELECT /*+ REPARTITION(4) */ t FROM " + where + ")"));
        spark.range(3).selectExpr("id", "'海' AS t").coalesce(1).write().parquet(folder + "/small");
        assertEquals(List.of(), warnings("SELECT bybert_embed(t) FROM parquet.`" + folder + "/small`"));
        assertEquals(List.of(), warnings("SELECT bybert_embed(t) FROM texts"));
    }

    @Test
    void aRowReadAheadStillKnowsItsFile(@TempDir Path folder) throws Exception {
        for (int file = 0; file < 4; file++) {
            Files.writeString(folder.resolve(file + ".txt"), (file + "の川\n").repeat(file % 2 == 0 ? 1 : 3));
        }
        String table = "text.`" + folder + "`";
        List<Row> expected = spark.sql("SELECT value, right(input_file_name(), 5), input_file_block_start(), "
                        + "input_file_block_length() FROM " + table + " ORDER BY 1")
                .collectAsList();
        assertEquals("0.txt", expected.get(0).getString(1));
        String with = "SELECT value, right(input_file_name(), 5), input_file_block_start(), input_file_block_length() "
                + "FROM (SELECT *, bybert_embed(value)[0] AS x FROM " + table + ") WHERE x IS NOT NULL";
        for (String switches : List.of("true", "false")) {
            spark.conf().set("spark.sql.codegen.wholeStage", switches);
            List<Row> found = new ArrayList<>(spark.sql(with).collectAsList());
            found.sort(Comparator.comparing(row -> row.getString(0)));
            assertEquals(expected, found);
        }
        spark.conf().unset("spark.sql.codegen.wholeStage");
    }
}
