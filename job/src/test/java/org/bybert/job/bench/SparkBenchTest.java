package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.job.Commands;
import org.bybert.udf.ModelReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkBenchTest {

    private static final ModelConfig TINY =
            new ModelConfig(288, 64, 96, 2, 4, 2, 16, 1e-6f, 10_000, 512, false, false, false);

    @TempDir
    Path folder;

    @Test
    void theSameSentencesGoEveryWayAndTheModelIsOpenedOnce() throws IOException {
        Path model = folder.resolve("model");
        new RandomModel("tiny", TINY, true, "utf-8", 1, Dtype.F32).write(model);
        SparkBench.Report report = new SparkBench(
                        new ModelReference(model.toString(), Map.of()), BatchOptions.DEFAULTS, folder)
                .run("tiny", "F32", 60, 1, List.of(1, 2));
        assertEquals(1, report.modelOpens());
        assertEquals(60, report.rows());
        assertEquals(
                Inputs.sentences(60).stream().mapToInt(SparkBenchTest::bytes).sum(), report.bytes());
        assertEquals(
                List.of(0, 1, 2),
                report.heap().stream().map(SparkBench.Heap::slots).toList());
        String text = ReportText.of(report);
        assertTrue(text.contains("local[1] / bare encoder"), text);
        JsonNode json = new JsonMapper().readTree(BenchReport.json(report));
        assertTrue(json.at("/ratios/0/byCoreTime/median").asDouble() > 0, () -> BenchReport.json(report));
    }

    @Test
    void sentencesHaveTheLengthsOfTheEncodersBenchAndAreAllDifferent() {
        List<String> sentences = Inputs.sentences(5000);
        int[] lengths = Inputs.mixed(5000);
        for (int i = 0; i < lengths.length; i++) {
            assertEquals(lengths[i], bytes(sentences.get(i)), sentences.get(i));
        }
        assertEquals(5000, new HashSet<>(sentences).size());
    }

    @Test
    void wrongOptionsAreRefusedBeforeSparkStarts() {
        assertEquals(
                "bybert: --layers: expected 1 to 12, found 13\n",
                Commands.run("bench", "spark", "--layers", "13").out());
        assertTrue(Commands.run("bench", "spark", "--rows", "3").out().contains("a sentence for each, found 5 and 3"));
        assertTrue(Commands.run("bench", "spark", "--batch-bytes", "0")
                .out()
                .contains("--batch-bytes: expected at least 1, found 0"));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
