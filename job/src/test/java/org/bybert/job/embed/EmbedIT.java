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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.Commands;
import org.bybert.job.Launch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is killed in the middle of a run, on a cluster of separate JVMs, leaves no trace in the result. */
class EmbedIT {

    private static final int ROWS = 320;
    private static final int UNITS = 16;
    /** So long that a unit takes much longer than it takes to see that it is done. */
    private static final String TEXT = "波と風と灯りの話を聞き、船を待つ人の数を数えた。".repeat(11);

    @TempDir
    Path folder;

    private List<String> arguments(String out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "embed",
                "--input",
                folder.resolve("in.jsonl").toString(),
                "--id-column",
                "id",
                "--keep",
                "none",
                "--repartition",
                String.valueOf(UNITS),
                "--output",
                folder.resolve(out).toString()));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private Launch embed(StandaloneCluster cluster, String out) throws IOException {
        return Launch.start(
                folder,
                arguments(
                                out,
                                "--resume",
                                "--master",
                                cluster.url(),
                                "--conf",
                                "spark.driver.host=127.0.0.1",
                                "--conf",
                                "spark.driver.bindAddress=127.0.0.1",
                                // The driver computes nothing: it starts sooner.
                                "--driver-java-options",
                                "-XX:TieredStopAtLevel=1")
                        .toArray(String[]::new));
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
                        .mapToObj(i -> "{\"id\":\"" + i + "\",\"text\":\"" + i + "番目の港では、" + TEXT + "\"}")
                        .toList());
        try (StandaloneCluster cluster = new StandaloneCluster(folder, 2)) {
            Launch killed = embed(cluster, "disturbed");
            await(killed, () -> unitsDone("disturbed") >= 3);
            killed.process().destroyForcibly().waitFor();
            assertNotEquals(UNITS, unitsDone("disturbed"));

            Launch resumed = embed(cluster, "disturbed");
            // Meanwhile that one waits for half a minute whether the lock changes.
            CompletableFuture<Commands.Result> undisturbed = CompletableFuture.supplyAsync(() -> Commands.run(
                    arguments("undisturbed", "--model", Commands.model()).toArray(String[]::new)));
            await(resumed, () -> unitsDone("disturbed") >= 6 && cluster.killExecutor());
            await(resumed, () -> unitsDone("disturbed") >= 9 && cluster.killWorker());
            Launch.Run run = resumed.await();
            assertEquals(0, run.exit(), run.out());
            assertEquals(0, undisturbed.join().exit(), undisturbed.join().out());
        }
        int left = metrics("disturbed").path("computed").path("rows").asInt();
        assertTrue(left < ROWS, "nothing was left to the second run");
        assertEquals(metrics("undisturbed").path("total"), metrics("disturbed").path("total"));
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            Map<String, List<Float>> expected = rows(spark, "undisturbed");
            assertEquals(ROWS, expected.size());
            assertEquals(expected, rows(spark, "disturbed"));
        }
    }
}
