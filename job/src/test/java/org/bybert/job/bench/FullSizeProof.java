package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Safetensors;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each released size, with random weights, in fresh JVMs whose heap holds little more than the weights. Takes minutes and
 * 2.5 GB of disk, so its name keeps it out of the usual tests: {@code mvn -pl encoder,udf,job test
 * -Dtest=FullSizeProof -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class FullSizeProof {

    /** Memory beyond the checkpoint's own size, as a share of the weights' size in F32. */
    private static final double MOST_BEYOND = 0.4;
    /** Heap beyond the weights: the buffers of 4,096 tokens and 60 MB. */
    private static final long BUFFER_TOKENS = 4096;

    private static final long SPARE_HEAP = 60_000_000;

    @TempDir
    Path folder;

    private final List<Run> runs = new ArrayList<>();

    private record Run(Dtype dtype, Path model, Process process) {}

    @ParameterizedTest
    @CsvSource({
        "bybert-jp-100m, 106629888",
        "bybert-jp-200m, 205089792",
        "bybert-jp-400m, 396989440",
        "bybert-jp-v2-100m, 113726208"
    })
    void opensAndAnswersWithTheSameBitsWhereverItRuns(String name, long parameters) throws Exception {
        for (Dtype dtype : List.of(Dtype.F32, Dtype.BF16)) {
            runs.add(start(name, dtype));
        }
        List<FullSizeJvm.Report> reports = new ArrayList<>();
        for (Run run : runs) {
            FullSizeJvm.Report report = report(run);
            reports.add(report);
            long file = run.model().resolve("model.safetensors").toFile().length();
            double beyond = (report.openedBytes() - file) / (4.0 * parameters);
            System.out.printf(
                    Locale.ROOT,
                    "%s %s: %,d parameters; opening peaks at %,d MB (file + %.2f of the F32 "
                            + "weights), answering at %,d MB%n",
                    name,
                    run.dtype(),
                    parameters(run.model()),
                    report.openedBytes() / 1_000_000,
                    beyond,
                    report.peakBytes() / 1_000_000);
            assertEquals(parameters, parameters(run.model()));
            assertEquals(4096, report.longTokens());
            assertTrue(report.finite(), "a score or a vector is not finite");
            assertTrue(beyond < MOST_BEYOND, report.toString());
        }
        assertEquals(reports.get(0).answers(), reports.get(1).answers(), "two JVMs, F32 and BF16: not the same bits");
    }

    private static long parameters(Path model) {
        return Safetensors.readHeader(model.resolve("model.safetensors")).values().stream()
                .mapToLong(TensorInfo::elements)
                .sum();
    }

    private Run start(String name, Dtype dtype) throws IOException {
        Preset preset = Presets.installed().of(name);
        Path model = folder.resolve(dtype.name());
        RandomModel random = new RandomModel(name, preset.config(), preset.queryKeyValueBias(), "utf-8", 1, dtype);
        random.write(model);
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        // A heap that is hardly larger than what lives in it, so that the peak is what is needed and not what was free.
        // The last -Xmx counts.
        command.addAll(List.of("-Xmx" + heap(random), "-Xmn32m", "-XX:+UseSerialGC"));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), FullSizeJvm.class.getName(), model.toString()));
        return new Run(
                dtype,
                model,
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
    }

    private static long heap(RandomModel model) {
        int hidden = model.config().hiddenSize();
        return model.weightBytes() + SPARE_HEAP + BUFFER_TOKENS * 4 * 6 * hidden;
    }

    @AfterEach
    void stop() {
        runs.forEach(run -> run.process().destroyForcibly());
    }

    private static FullSizeJvm.Report report(Run run) throws IOException, InterruptedException {
        String output = new String(run.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, run.process().waitFor(), output);
        return new JsonMapper().readValue(output.substring(output.lastIndexOf('\n') + 1), FullSizeJvm.Report.class);
    }
}
