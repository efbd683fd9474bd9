package org.bybert.job.embed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.job.data.Columns;
import org.bybert.job.data.Reading;
import org.bybert.job.data.Source;
import org.bybert.job.data.SourceTable;
import org.bybert.job.embed.EmbedOptions.OutputFormat;
import org.bybert.job.embed.EmbedOptions.OutputMode;
import org.bybert.job.embed.EmbedOptions.Repartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BucketsTest {

    private static final List<String> LINES = List.of(
            "{\"id\":\"a\",\"text\":\"海\"}",
            "{\"id\":\"b\",\"text\":\"山と川\"}",
            "{\"id\":\"b\",\"text\":\"x\"}",
            "{\"id\":\"b\",\"text\":\"\"}",
            "{\"id\":null,\"text\":\"谷\"}",
            "{\"id\":\"c\",\"text\":null}",
            "{\"id\":");

    @TempDir
    Path folder;

    private Buckets measure(String name, List<String> lines, String id) throws IOException {
        Path file = Files.write(folder.resolve(name), lines);
        EmbedOptions options = new EmbedOptions(
                null,
                new Source("--input", file.toString(), Reading.DEFAULT),
                new Columns(null, null, id),
                null,
                BatchOptions.DEFAULTS,
                Precision.FLOAT32,
                "out",
                OutputFormat.PARQUET,
                List.of(),
                new Repartition(Repartition.AUTO),
                new OutputMode(false, false, false, false),
                1,
                false);
        SourceTable table = SourceTable.open(SparkSession.builder().getOrCreate(), options.input());
        return Buckets.measure(EmbedInput.of(table, options));
    }

    @Test
    void rowsAndBytesAreCountedByIdInAnyOrder() throws IOException {
        Buckets buckets = measure("a.jsonl", LINES, "id");
        assertEquals(7, Arrays.stream(buckets.rows()).sum());
        assertEquals(3 + 9 + 1 + 3, Arrays.stream(buckets.bytes()).sum());
        // The line that cannot be read has no id either, but is told as what it is.
        assertEquals(1, buckets.nullIds());
        assertEquals(2, buckets.duplicateIds());
        assertEquals(3, Arrays.stream(buckets.rows()).max().orElseThrow());
        List<String> backwards = new ArrayList<>(LINES);
        Collections.reverse(backwards);
        assertArrayEquals(buckets.rows(), measure("b.jsonl", backwards, "id").rows());
        assertArrayEquals(buckets.bytes(), measure("b.jsonl", backwards, "id").bytes());
    }

    @Test
    void withoutAnIdEqualRowsLieTogether() throws IOException {
        Buckets buckets = measure(
                "c.jsonl",
                List.of("{\"n\":1,\"text\":\"海\"}", "{\"n\":1,\"text\":\"海\"}", "{\"n\":2,\"text\":\"海\"}"),
                null);
        assertEquals(3, Arrays.stream(buckets.rows()).sum());
        assertEquals(2, Arrays.stream(buckets.rows()).max().orElseThrow());
        assertEquals(0, buckets.nullIds());
        assertEquals(0, buckets.duplicateIds());
    }
}
