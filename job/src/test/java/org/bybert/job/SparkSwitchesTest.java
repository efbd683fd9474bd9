package org.bybert.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands answer alike whatever a site has set for Spark. */
class SparkSwitchesTest {

    private static final int ROWS = 12;

    @TempDir
    private static Path folder;

    private static Path table;
    private static Path lines;
    private static Answers plain;

    /**
     * @param evaluated sets of metrics.json
     * @param embedded  its total, with the checksum
     * @param written   what the result says of the kept column
     */
    private record Answers(JsonNode evaluated, JsonNode embedded, List<Long> written) {}

    @BeforeAll
    static void answerWithoutSwitches() throws IOException {
        List<String> rows = new ArrayList<>(IntStream.range(0, ROWS)
                .mapToObj(i -> "{\"id\":\"r" + i + "\",\"text\":\"" + i + "番の船が朝の港を出る。\"}")
                .toList());
        rows.add("{\"id\":");
        lines = Files.write(folder.resolve("lines.jsonl"), rows);
        table = folder.resolve("table");
        try (SparkSession spark = SparkSession.builder().getOrCreate()) {
            // Half an hour apart, over the end of daylight saving time in New York.
            spark.range(ROWS)
                    .selectExpr(
                            "timestamp_seconds(1699149600 + 1800 * id) AS seen",
                            "concat(id, '番の船が朝の港を出る。') AS text",
                            "id % 2 AS day")
                    .coalesce(1)
                    .write()
                    .parquet(table.toString());
        }
        plain = answers("plain");
    }

    private static Commands.Result embed(Path input, Path out, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("embed", "--model", Commands.model(), "--input", input.toString(), "--output", out.toString()));
        arguments.addAll(List.of(more));
        return Commands.run(arguments.toArray(String[]::new));
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(file.toFile());
    }

    private static Answers answers(String name) throws IOException {
        Path vectors = folder.resolve(name + "-vectors");
        Commands.Result embedded =
                embed(table, vectors, "--id-column", "seen", "--resume", "--partition-by", "day", "--repartition", "3");
        assertEquals(0, embedded.exit(), embedded.out());
        Path results = folder.resolve(name + "-results");
        Commands.Result evaluated = Commands.run(
                "evaluate",
                "--model",
                Commands.model(),
                "--data",
                "lines=" + lines,
                "--unit",
                "char",
                "--out",
                results.toString());
        assertEquals(0, evaluated.exit(), evaluated.out());
        // Spark does not register the types that it reads.
        try (SparkSession spark = SparkSession.builder()
                .config("spark.kryo.registrationRequired", false)
                .getOrCreate()) {
            List<Long> seen = spark.read().parquet(vectors.toString()).select("seen").collectAsList().stream()
                    .map(row -> row.getTimestamp(0).toInstant().getEpochSecond())
                    .sorted()
                    .toList();
            return new Answers(
                    json(results.resolve("metrics.json")).path("sets"),
                    json(vectors.resolve("_bybert/metrics.json")).path("total"),
                    seen);
        }
    }

    private static void with(String switches, Body body) throws IOException {
        Map<String, String> values = Arrays.stream(switches.strip().split("\\s+"))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        values.forEach(System::setProperty);
        try {
            body.run();
        } finally {
            values.keySet().forEach(System::clearProperty);
        }
    }

    private interface Body {
        void run() throws IOException;
    }

    @ParameterizedTest
    @ValueSource(strings = {"""
                spark.serializer=org.apache.spark.serializer.KryoSerializer
                spark.kryo.registrationRequired=true
                spark.io.encryption.enabled=true
                spark.sql.shuffle.partitions=1
                spark.speculation=true
                """, """
                spark.sql.ansi.enabled=false
                spark.sql.caseSensitive=true
                spark.sql.columnNameOfCorruptRecord=text
                spark.sql.codegen.wholeStage=false
                spark.sql.codegen.factoryMode=NO_CODEGEN
                spark.sql.adaptive.enabled=false
                spark.sql.legacy.sizeOfNull=true
                """, """
                spark.sql.sources.commitProtocolClass=org.apache.spark.internal.io.HadoopMapReduceCommitProtocol
                spark.sql.parquet.output.committer.class=org.apache.parquet.hadoop.ParquetOutputCommitter
                spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version=2
                spark.sql.sources.partitionOverwriteMode=dynamic
                spark.sql.parquet.compression.codec=zstd
                spark.sql.parquet.writeLegacyFormat=true
                spark.sql.files.maxRecordsPerFile=2
                """, """
                spark.sql.session.timeZone=America/New_York
                spark.sql.timestampType=TIMESTAMP_NTZ
                spark.sql.ansi.enforceReservedKeywords=true
                spark.sql.parser.quotedRegexColumnNames=true
                spark.sql.optimizer.excludedRules=org.apache.spark.sql.catalyst.optimizer.ColumnPruning,\
                org.apache.spark.sql.catalyst.optimizer.CollapseProject,\
                org.apache.spark.sql.catalyst.optimizer.PushDownPredicates
                """})
    void answersAreTheSame(String switches) throws IOException {
        String name = "with-" + Integer.toHexString(switches.hashCode());
        with(switches, () -> assertEquals(plain, answers(name)));
    }

    @Test
    void brokenFilesAreNotPassedOver() throws IOException {
        Path broken = Files.createDirectory(folder.resolve("broken"));
        try (var files = Files.newDirectoryStream(table, "*.parquet")) {
            for (Path file : files) {
                Files.copy(file, broken.resolve("a.parquet"));
                byte[] bytes = Files.readAllBytes(file);
                Arrays.fill(bytes, 4, bytes.length / 2, (byte) 7);
                Files.write(broken.resolve("b.parquet"), bytes);
            }
        }
        with("spark.sql.files.ignoreCorruptFiles=true", () -> {
            Commands.Result result = embed(broken, folder.resolve("never"));
            assertEquals(1, result.exit(), result.out());
            assertTrue(
                    result.out()
                            .contains("not followed, since rows would be lost or Spark fail: "
                                    + "spark.sql.files.ignoreCorruptFiles=true"),
                    result.out());
            assertTrue(result.out().lines().reduce("", (before, line) -> line).contains("b.parquet"), result.out());
        });
    }
}
