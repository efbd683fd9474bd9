package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.s3a.impl.AWSClientConfig;
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

/** Tables on a store that speaks S3: runs that are killed in the middle of a commit, and a store that fails. */
class S3ServerIT {

    /** Of one partition: more than one request names when S3A renames or deletes a folder. */
    private static final int FILES = 260;

    /** S3A gives up on it sooner. */
    private static final String FAILING = "s3a://failing";

    @TempDir
    static Path folder;

    private static S3Server server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = new S3Server(folder);
        server.makeBucket(FAILING);
        server.settings().forEach((key, value) -> System.setProperty("spark.hadoop." + key, value));
        System.setProperty("spark.hadoop.fs.s3a.bucket.failing.retry.limit", "1");
        System.setProperty("spark.hadoop.fs.s3a.bucket.failing.connection.timeout", "3s");
        // Shorter than S3A lets anyone wait.
        AWSClientConfig.setMinimumOperationDuration(Duration.ofSeconds(1));
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

    private static Launch.Run launch(List<String> arguments, CompletableFuture<Launch> started) throws Exception {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--master", "local[2]", "--jars", S3Server.jars()));
        server.settings().forEach((key, value) -> all.addAll(List.of("--conf", "spark.hadoop." + key + "=" + value)));
        Launch launch = Launch.start(folder, all.toArray(String[]::new));
        started.complete(launch);
        return launch.await();
    }

    @Test
    void whatIsKilledWhileAPartitionIsReplacedEndsWithEachRowOnce() throws Exception {
        String out = S3Server.BUCKET + "/killed";
        String partitions = "--partition-by=day";
        Commands.Result before = run(arguments(rows("old", 60, 2), out, partitions, "--repartition=2"));
        assertEquals(0, before.exit(), before.out());

        AtomicInteger moved = new AtomicInteger();
        CompletableFuture<Launch> started = new CompletableFuture<>();
        server.setGate(request -> {
            if (request.copy()
                    && request.path().startsWith("/bybert/killed/day=1/part-")
                    && moved.incrementAndGet() == FILES / 2) {
                started.join().process().destroyForcibly();
            }
            return 0;
        });
        List<String> arguments = arguments(
                rows("new", FILES, 1),
                out,
                partitions,
                "--repartition=" + FILES,
                "--partition-overwrite",
                "--resume",
                // Else a lock that was left behind is watched for half a minute.
                "--break-lock");
        Launch.Run killed = launch(arguments, started);
        assertEquals(137, killed.exit(), killed.out());

        server.setGate(Gate.OPEN);
        Launch.Run again = launch(arguments, new CompletableFuture<>());
        assertEquals(0, again.exit(), again.out());
        List<String> expected = new ArrayList<>(ids("new", FILES));
        IntStream.range(0, 60).filter(i -> i % 2 == 1).forEach(i -> expected.add("old" + i));
        assertHolds(out, expected);
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

    /** Once the fifth data file is copied to its place. */
    private static Gate inTheMiddle(Gate failure) {
        AtomicInteger copies = new AtomicInteger();
        return request -> {
            if (request.copy() && request.path().contains("/part-")) {
                copies.incrementAndGet();
            }
            return request.changes() && copies.get() >= 5 ? failure.answer(request) : 0;
        };
    }

    @Test
    void aStoreThatFailsInTheMiddleOfACommitEndsTheRunInOneLine() throws IOException {
        Path input = rows("row", 60, 1);
        Map<String, Gate> failures =
                Map.of("AccessDenied", request -> 403, "InternalError", request -> 500, "timed out", request -> {
                    TimeUnit.SECONDS.sleep(5);
                    return 503;
                });
        for (Map.Entry<String, Gate> failure : failures.entrySet()) {
            String out = FAILING + "/" + failure.getKey().replace(' ', '-');
            List<String> arguments = arguments(input, out, "--repartition=12", "--resume");
            server.setGate(inTheMiddle(failure.getValue()));
            Commands.Result failed = run(arguments);
            assertEquals(1, failed.exit(), failed.out());
            assertOneLine(out + " cannot be written: ", failed);
            assertOneLine(failure.getKey(), failed);
            server.setGate(Gate.OPEN);
            arguments.add("--break-lock");
            Commands.Result again = run(arguments);
            assertEquals(0, again.exit(), again.out());
            assertHolds(out, ids("row", 60));
        }
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
