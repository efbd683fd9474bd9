package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the README on HDFS and YARN: every digit is that of this JVM on the local disk. */
class HadoopServerIT {

    @TempDir
    static Path folder;

    private static HadoopServers servers;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        servers = new HadoopServers(folder);
        for (String name : List.of("texts", "new")) {
            // Those of the second replace one day of the first.
            int rows = name.equals("new") ? 20 : 40;
            String lines = IntStream.range(0, rows)
                    .mapToObj(i -> "{\"id\":\"" + name + i + "\",\"day\":" + (1 + i / 20) + ",\"text\":\"" + i
                            + "本の木が並ぶ坂を上ると、海が見えた。\"}\n")
                    .collect(Collectors.joining());
            servers.write("/" + name + ".jsonl", lines);
            Files.writeString(folder.resolve(name + ".jsonl"), lines);
        }
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    /** @param replaced words of the README by what stands for them here */
    private static List<List<String>> commands(String heading, String word, String replacement, String... more)
            throws IOException {
        return Readme.commands(heading).stream()
                .map(command -> Stream.concat(
                                command.stream().map(argument -> argument.replace(word, replacement)), Stream.of(more))
                        .toList())
                .toList();
    }

    private static void here(List<String> arguments) {
        Commands.Result result = Commands.run(arguments.toArray(String[]::new));
        assertEquals(0, result.exit(), result.out());
    }

    private static List<Row> vectors(String table) throws IOException {
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            return spark.read()
                    .parquet(table)
                    .select("id", "day", "embedding")
                    .orderBy("id")
                    .collectAsList();
        }
    }

    private static JsonNode sets(String out) throws IOException {
        org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(out, "metrics.json");
        try (InputStream in = file.getFileSystem(new Configuration()).open(file)) {
            return new JsonMapper().readTree(in).path("sets");
        }
    }

    @Test
    void onHdfsTablesAndFiguresAreThoseOfTheLocalDisk() throws Exception {
        String address = "hdfs://namenode:8020";
        for (String place : List.of(servers.address(), folder.toString())) {
            commands("HDFS", address, place, "--model", Commands.model()).forEach(HadoopServerIT::here);
        }
        List<Row> vectors = vectors(servers.address() + "/vectors");
        assertEquals(40, vectors.size());
        assertEquals(vectors(folder + "/vectors"), vectors);
        assertEquals(sets(folder + "/evaluation"), sets(servers.address() + "/evaluation"));
    }

    /** A distribution in little: what Maven has of Spark, and the part for YARN. */
    private static Path sparkHome() throws Exception {
        // Builds what is not there yet.
        assertEquals(0, Launch.start(folder, "--version").await().exit());
        Path home = folder.resolve("spark");
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("jars"));
        try (Stream<Path> jars = Files.list(Path.of("target/spark/jars").toAbsolutePath())) {
            for (Path jar : Stream.concat(jars, Stream.of(Path.of(Servers.fetched("spark-yarn_2.13"))))
                    .toList()) {
                Files.createSymbolicLink(home.resolve("jars").resolve(jar.getFileName()), jar);
            }
        }
        Files.writeString(home.resolve("bin/spark-submit"), """
                #!/usr/bin/env bash
                eval exec '"$JAVA_HOME/bin/java"' "$SPARK_SUBMIT_OPTS" '-cp "$HADOOP_CONF_DIR:$SPARK_HOME/jars/*"' \
                  %s org.apache.spark.deploy.SparkSubmit '"$@"'
                """.formatted(JavaModuleOptions.defaultModuleOptions()));
        Files.setPosixFilePermissions(home.resolve("bin/spark-submit"), PosixFilePermissions.fromString("rwx------"));
        return home;
    }

    private static void archiveModel() throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(folder.resolve("model.zip")));
                Stream<Path> files = Files.list(Path.of(Commands.model()))) {
            for (Path file : files.toList()) {
                zip.putNextEntry(new ZipEntry(file.getFileName().toString()));
                Files.copy(file, zip);
            }
        }
    }

    @Test
    void onYarnADriverHereAndOneInTheClusterGiveTheSameDigits() throws Exception {
        Path home = sparkHome();
        archiveModel();
        Map<String, String> environment = Map.of(
                "SPARK_HOME", home.toString(), "HADOOP_CONF_DIR", servers.conf().toString());
        for (List<String> command : commands(
                "YARN",
                "model.zip",
                folder + "/model.zip",
                "--num-executors",
                "1",
                "--conf",
                "spark.yarn.jars=local:" + home + "/jars/*",
                // Drivers compute nothing: they start sooner.
                "--driver-java-options",
                "-XX:TieredStopAtLevel=1",
                // On a busy machine.
                "--conf",
                "spark.yarn.am.waitTime=10m")) {
            Launch.Run run = Launch.start(folder, environment, command.toArray(String[]::new))
                    .await();
            assertEquals(0, run.exit(), run.out());
        }
        String model = Commands.model();
        String texts = folder + "/texts.jsonl";
        String scores = folder + "/scores";
        String embeddings = folder + "/embeddings";
        here(List.of("evaluate", "--model", model, "--data", "texts=" + texts, "--out", scores));
        here(List.of("embed", "--model", model, "--input", texts, "--id-column", "id", "--output", embeddings));
        assertEquals(sets(scores), sets(servers.address() + "/scores"));
        assertEquals(vectors(embeddings), vectors(servers.address() + "/embeddings"));
        assertTrue(servers.files().exists(new org.apache.hadoop.fs.Path("/embeddings/_bybert/summary.txt")));
        assertTrue(servers.files().exists(new org.apache.hadoop.fs.Path("/scores/summary.txt")));
    }
}
