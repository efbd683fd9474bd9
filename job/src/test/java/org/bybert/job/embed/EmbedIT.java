package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.Launch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is killed in the middle of a run, on a cluster of separate JVMs, leaves no trace in the result. */
class EmbedIT {

    private static final int ROWS = 600;
    private static final int UNITS = 12;
    /** The text, so late that the states which are waited for last much longer than it takes to see them. */
    private static final String SLOWLY = "if(reflect('java.lang.Thread', 'sleep', 25L) IS NULL, '', text)";

    @TempDir
    Path folder;

    private Launch embed(String master, String out, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "embed",
                "--master",
                master,
                "--conf",
                "spark.driver.host=127.0.0.1",
                "--conf",
                "spark.driver.bindAddress=127.0.0.1",
                "--input",
                folder.resolve("in.jsonl").toString(),
                "--id-column",
                "id",
                "--keep",
                "none",
                "--text-expr",
                SLOWLY,
                "--repartition",
                String.valueOf(UNITS),
                "--output",
                folder.resolve(out).toString()));
        arguments.addAll(List.of(more));
        return Launch.start(folder, arguments.toArray(String[]::new));
    }

    private static void ends(Launch launch) throws IOException, InterruptedException {
        Launch.Run run = launch.await();
        assertEquals(0, run.exit(), run.out());
    }

    private JsonNode metrics(String out) throws IOException {
        return new JsonMapper()
                .readTree(folder.resolve(out).resolve("_bybert/metrics.json").toFile());
    }

    private int unitsDone(String out) {
        try (Stream<Path> units = Files.list(folder.resolve(out).resolve("_bybert/units"))) {
            return (int) units.filter(path -> path.getFileName().toString().matches("\\d+\\.json"))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Waits for a state of a run that is still going on. */
    private static void await(Launch launch, BooleanSupplier condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!condition.getAsBoolean()) {
            assertTrue(launch.process().isAlive() && System.nanoTime() < end, launch.output());
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private Map<String, List<Float>> rows(SparkSession spark, String out) {
        Map<String, List<Float>> rows = new TreeMap<>();
        for (Row row : spark.read().parquet(folder.resolve(out).toString()).collectAsList()) {
            assertNull(rows.put(row.getAs("id"), row.getList(row.fieldIndex("embedding"))), "an id comes twice");
        }
        return rows;
    }

    @Test
    void killedExecutorsWorkersAndDriversLeaveNoTrace() throws Exception {
        Files.write(
                folder.resolve("in.jsonl"),
                IntStream.range(0, ROWS)
                        .mapToObj(i -> "{\"id\":\"" + i + "\",\"text\":\"" + i + "番目の港では、"
                                + "波と風と灯りの話を聞いた。".repeat(1 + i % 5) + "\"}")
                        .toList());
        ends(embed("local[2]", "undisturbed"));
        try (StandaloneCluster cluster = new StandaloneCluster(folder, 2)) {
            Launch run = embed(cluster.url(), "executors");
            await(run, () -> unitsDone("executors") >= 2);
            assertTrue(cluster.killExecutor());
            await(run, () -> unitsDone("executors") >= 5 && cluster.killWorker());
            ends(run);

            Launch killed = embed(cluster.url(), "driver", "--resume");
            await(killed, () -> unitsDone("driver") >= 3);
            killed.process().destroyForcibly().waitFor();
            assertNotEquals(UNITS, unitsDone("driver"));
            ends(embed(cluster.url(), "driver", "--resume"));
        }
        assertTrue(
                metrics("driver").path("computed").path("rows").asInt() < ROWS, "nothing was left to the second run");
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .appName("check")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .getOrCreate()) {
            Map<String, List<Float>> expected = rows(spark, "undisturbed");
            assertEquals(ROWS, expected.size());
            for (String out : List.of("executors", "driver")) {
                assertEquals(metrics("undisturbed").path("total"), metrics(out).path("total"));
                assertEquals(expected, rows(spark, out));
            }
        }
    }
}
