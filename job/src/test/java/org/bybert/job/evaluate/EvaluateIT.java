package org.bybert.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bybert.job.Commands;
import org.bybert.job.Launch;
import org.bybert.job.Launch.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job as a user starts it: through the launcher, in JVMs of its own, on the jars that would be deployed. */
class EvaluateIT {

    @TempDir
    Path folder;

    private Run launch(String... arguments) throws IOException, InterruptedException {
        return Launch.start(folder, arguments).await();
    }

    private static JsonNode metrics(Path out) throws IOException {
        return new JsonMapper().readTree(out.resolve("metrics.json").toFile());
    }

    /** The beginning of a bundled set. */
    private String some(String set) throws IOException {
        List<String> lines = Files.readAllLines(Commands.samples().resolve(set + ".jsonl"));
        return set + "=" + Files.write(folder.resolve(set + ".jsonl"), lines.subList(0, 24));
    }

    /** The bundled model as its user might pack it: one folder in the archive. */
    private Path archive() throws IOException {
        Path model = Path.of(Commands.model());
        Path archive = folder.resolve("model.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (String name : List.of("config.json", "tokenizer_config.json", "model.safetensors")) {
                zip.putNextEntry(new ZipEntry("bybert-jp-mini/" + name));
                Files.copy(model.resolve(name), zip);
            }
        }
        return archive;
    }

    /** The cluster gets the model in an archive, this JVM opens the folder. */
    @Test
    void aClusterOfTwoExecutorsGivesTheSameDigitsAndOpensTheModelOnceEach() throws Exception {
        Path cluster = folder.resolve("cluster");
        Path local = folder.resolve("local");
        String wiki = some("wiki-style");
        String ichikara = some("ichikara-style");
        Run onCluster = launch(
                "evaluate",
                "--master",
                "local-cluster[2,1,1024]",
                // The driver computes nothing: it starts sooner.
                "--driver-java-options",
                "-XX:TieredStopAtLevel=1",
                // Both executors are there before the first task.
                "--conf",
                "spark.cores.max=2",
                "--conf",
                "spark.scheduler.minRegisteredResourcesRatio=1",
                "--data",
                wiki,
                "--data",
                ichikara,
                "--archives",
                archive() + "#mini",
                "--model",
                "mini",
                "--out",
                cluster.toString());
        assertEquals(0, onCluster.exit(), onCluster.out());
        Commands.Result inThisJvm = Commands.run(
                "evaluate", "--model", Commands.model(), "--data", wiki, "--data", ichikara, "--out", local.toString());
        assertEquals(0, inThisJvm.exit(), inThisJvm.out());

        assertEquals(metrics(local).path("sets"), metrics(cluster).path("sets"));
        JsonNode executors = metrics(cluster).path("executors");
        assertEquals(2, executors.size(), executors.toString());
        assertNotEquals(executors.path(0).path("process"), executors.path(1).path("process"));
        JsonNode fingerprint = metrics(local).path("executors").path(0).path("model_fingerprint");
        assertEquals(fingerprint, metrics(cluster).path("settings").path("model_fingerprint"));
        executors.forEach(executor -> assertEquals(fingerprint, executor.path("model_fingerprint")));
        executors.forEach(
                executor -> assertEquals(1, executor.path("model_opens").asInt(), executors.toString()));
        assertTrue(onCluster.out().contains("executor 0 on 127.0.0.1"), onCluster.out());
    }

    @Test
    void helpNeedsNoSpark() throws Exception {
        Run help = launch("evaluate", "--help");
        assertEquals(0, help.exit());
        assertTrue(help.out().contains("--mask-rate"), help.out());
    }

    @Test
    void theExitCodeIsThatOfTheJob() throws Exception {
        Run missing = launch("evaluate", "--model", folder.resolve("nothing").toString());
        assertEquals(1, missing.exit(), missing.out());
        assertTrue(missing.out().contains("model folder not found"), missing.out());
    }

    @Test
    void plainTextOfManyRowsOnTwoThreads() throws Exception {
        Path data = Files.write(
                folder.resolve("a.txt"),
                IntStream.range(0, 500)
                        .mapToObj(i -> i + "番目の箱には、色の違う石が" + (i % 13) + "個ずつ入っている。")
                        .toList());
        Path out = folder.resolve("out");
        Run run = launch(
                "evaluate", "--master", "local[2]", "--data", "箱=" + data, "--unit", "char", "--out", out.toString());
        assertEquals(0, run.exit(), run.out());
        JsonNode executors = metrics(out).path("executors");
        assertEquals(1, executors.size());
        assertEquals(1, executors.path(0).path("model_opens").asInt());
        assertEquals(500, metrics(out).path("sets").path(0).path("scored").asInt());
    }
}
