package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.bench.BenchReport.ColdStart;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.bench.BenchReport.Scaling;
import org.bybert.job.bench.BenchReport.StageTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every benchmark runs from end to end on a tiny model; what it measures is not asserted. */
class BenchTest {

    private static final ModelConfig TINY =
            new ModelConfig(288, 64, 96, 2, 4, 2, 16, 1e-6f, 10_000, 512, false, false, false);
    private static final Rounds.Pace PACE = new Rounds.Pace(2, 1e-4, 0);

    @TempDir
    Path folder;

    @Test
    void encoder() {
        Transformer transformer = Transformer.load(
                TINY,
                new RandomModel("tiny", TINY, false, "utf-8", 1, Dtype.F32),
                KernelChoice.kernels(),
                WeightFormat.F32);
        BenchReport report =
                new EncoderBench("tiny", transformer, WeightFormat.F32, List.of(3, 40), true, PACE).run(2, true);
        assertEquals(
                List.of("3", "40", "mixed"),
                report.measurements().stream().map(Measurement::name).toList());
        for (Measurement m : report.measurements()) {
            assertTrue(
                    m.tokensPerSecond().low() > 0
                            && m.gflops().low() > 0
                            && m.fractionOfPeak().low() > 0,
                    m.name());
        }
        assertEquals(3, report.stages().size());
        for (StageTable table : report.stages()) {
            assertEquals(
                    1,
                    table.stages().stream().mapToDouble(StageTable.Row::share).sum(),
                    0.5,
                    table.name());
        }
        assertEquals(
                List.of(2, 2, 2),
                report.scaling().stream().map(Scaling::threads).toList());
        assertTrue(report.peakGflops().low() > 0);
    }

    @Test
    void coldStarts() throws IOException, InterruptedException {
        new RandomModel("tiny", TINY, false, "utf-8", 1, Dtype.BF16).write(folder);
        List<ColdStart> starts = ColdStarts.measure(folder, 1, 0.1);
        assertEquals(
                List.of(true, false), starts.stream().map(ColdStart::warmUp).toList());
        for (ColdStart start : starts) {
            assertTrue(start.openSeconds() > 0 && start.firstAnswerSeconds() > start.openSeconds(), start.toString());
        }
    }
}
