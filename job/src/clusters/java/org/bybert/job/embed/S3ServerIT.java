package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.bybert.job.Commands;
import org.bybert.job.Launch;
import org.bybert.job.Readme;
import org.bybert.job.S3Server;
import org.bybert.job.S3Server.Gate;
import org.bybert.job.terminal.Terminal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables on a store that speaks S3. */
class S3ServerIT {

    @TempDir
    static Path folder;

    private static S3Server server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = new S3Server(folder);
        server.settings().forEach((key, value) -> System.setProperty("spark.hadoop." + key, value));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void open() {
        server.setGate(Gate.OPEN);
    }

    private static Path rows(String name, int rows, int days) throws IOException {
        return Files.write(
                folder.resolve(name + ".jsonl"),
                IntStream.range(0, rows)
                        .mapToObj(i -> "{\"id\":\"" + name + i + "\",\"day\":" + (1 + i % days) + ",\"text\":\"" + i
                                + "番目の駅で降りて、川沿いの道を歩いた。\"}")
                        .toList());
    }

    private static List<String> ids(String name, int rows) {
        return IntStream.range(0, rows).mapToObj(i -> name + i).toList();
    }

    private static void assertHolds(String out, List<String> expected) throws IOException {
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            assertEquals(
                    expected.stream().sorted().toList(),
                    spark
                            .read()
                            .option("recursiveFileLookup", true)
                            .parquet(out)
                            .select("id")
                            .as(Encoders.STRING())
                            .collectAsList()
                            .stream()
                            .sorted()
                            .toList());
        }
    }

    private static List<String> arguments(Path input, String out, String... more) {
        List<String> arguments = new ArrayList<>(List.of("embed", "--input", input.toString(), "--id-column", "id"));
        arguments.addAll(List.of("--model", Commands.model(), "--output", out));
        arguments.addAll(List.of(more));
        return arguments;
    }

    @Test
    void theCommandsOfTheReadme() throws Exception {
        org.apache.hadoop.fs.Path input = new org.apache.hadoop.fs.Path(S3Server.BUCKET, "texts.jsonl");
        Configuration hadoop = new Configuration();
        server.settings().forEach(hadoop::set);
        input.getFileSystem(hadoop)
                .copyFromLocalFile(
                        new org.apache.hadoop.fs.Path(rows("row", 60, 2).toUri()), input);
        for (List<String> command : Readme.commands("S3")) {
            List<String> arguments = new ArrayList<>();
            command.forEach(word -> arguments.add(word.replace("s3a://bucket", S3Server.BUCKET)));
            arguments.addAll(List.of("--master", "local[2]", "--conf", "spark.hadoop.fs.s3a.committer.name=magic"));
            for (String key : List.of("fs.s3a.endpoint", "fs.s3a.endpoint.region", "fs.s3a.path.style.access")) {
                arguments.addAll(List.of("--conf", "spark.hadoop." + key + "=" + hadoop.get(key)));
            }
            Map<String, String> keys = Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any");
            Launch.Run run =
                    Launch.start(folder, keys, arguments.toArray(String[]::new)).await();
            assertEquals(0, run.exit(), run.out());
            assertTrue(run.out().contains("not followed, since embed commits each unit"), run.out());
        }
        assertHolds(S3Server.BUCKET + "/vectors", ids("row", 60));
    }

    private static void assertOneLine(String expected, Commands.Result result) {
        List<String> lines = result.out().lines().toList();
        String last = lines.get(lines.size() - 1);
        assertTrue(last.startsWith("bybert: ") && last.contains(expected), result.out());
        assertFalse(result.out().contains("\tat "), result.out());
    }

    private static Commands.Result run(List<String> arguments) {
        return Commands.run(arguments.toArray(String[]::new));
    }

    @Test
    void aStoreThatFailsNowAndThenIsAskedAgain() throws IOException {
        AtomicInteger requests = new AtomicInteger();
        server.setGate(request -> requests.incrementAndGet() % 7 != 0 ? 0 : requests.get() % 2 == 0 ? 500 : 503);
        String out = S3Server.BUCKET + "/unsteady";
        Commands.Result result = run(arguments(rows("row", 60, 1), out, "--repartition=12", "--resume"));
        assertEquals(0, result.exit(), result.out());
        assertHolds(out, ids("row", 60));
    }

    @Test
    void ofTwoWritersTheSecondIsRefusedInOneLine() throws IOException {
        org.apache.hadoop.fs.Path out = new org.apache.hadoop.fs.Path(S3Server.BUCKET, "held");
        Configuration hadoop = new Configuration();
        server.settings().forEach(hadoop::set);
        Terminal terminal = new Terminal(new PrintWriter(System.out), new PrintWriter(System.err));
        List<String> arguments = arguments(rows("row", 10, 1), out.toString());
        try (OutputLock held = OutputLock.acquire(
                out.getFileSystem(hadoop),
                new org.apache.hadoop.fs.Path(out, "_bybert/lock"),
                "the first",
                false,
                terminal)) {
            Commands.Result refused = run(arguments);
            assertEquals(EmbedCommand.LOCKED, refused.exit(), refused.out());
            assertOneLine("another job is writing to " + out + ": the first", refused);
            held.check();
        }
        Commands.Result next = run(arguments);
        assertEquals(0, next.exit(), next.out());
    }
}
