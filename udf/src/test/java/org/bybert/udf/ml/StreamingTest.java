package org.bybert.udf.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.bybert.encoder.Pooling;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamingTest {

    private static SparkSession spark;

    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder().getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    @Test
    void aStreamOfFilesIsEmbeddedInMicroBatchesAndGoesOnWhereItStopped() throws Exception {
        Path input = Files.createDirectory(folder.resolve("input"));
        Files.writeString(input.resolve("1.txt"), "朝の雪\n夜の雨\n");
        Files.writeString(input.resolve("2.txt"), "港の猫\n");
        assertEquals(2, run(input));
        Files.writeString(input.resolve("3.txt"), "朝の雪\n\n");
        assertEquals(1, run(input));

        Map<String, Integer> seen = new HashMap<>();
        Models.Open model = Models.get(TestModel.reference());
        for (Row row : spark.read().parquet(output()).collectAsList()) {
            seen.merge(row.getString(0), 1, Integer::sum);
            int[] ids = model.encoder().tokenizer().encode(row.getString(0));
            float[] expected = model.encoder().withSession(session -> session.embed(List.of(ids), Pooling.MEAN)[0]);
            List<Float> found = row.getList(1);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found.get(i));
            }
        }
        assertEquals(Map.of("朝の雪", 2, "夜の雨", 1, "港の猫", 1, "", 1), seen);
    }

    private String output() {
        return folder.resolve("output").toString();
    }

    /** All that is there, a file per micro-batch; gives the number of micro-batches. */
    private int run(Path input) throws Exception {
        Dataset<Row> lines = spark.readStream().option("maxFilesPerTrigger", 1).text(input.toString());
        Dataset<Row> embedded = new ByBertEmbedder()
                .setModel(TestModel.folder().toString())
                .setInputCol("value")
                .setOutputType("array")
                .transform(lines);
        assertTrue(embedded.isStreaming());
        StreamingQuery query = embedded.writeStream()
                .format("parquet")
                .option("path", output())
                .option("checkpointLocation", folder.resolve("checkpoint").toString())
                .trigger(Trigger.AvailableNow())
                .start();
        query.awaitTermination();
        return (int) Arrays.stream(query.recentProgress())
                .filter(p -> p.numInputRows() > 0)
                .count();
    }
}
