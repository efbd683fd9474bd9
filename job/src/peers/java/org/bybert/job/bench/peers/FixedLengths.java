package org.bybert.job.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bybert.encoder.model.Transformer;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.bench.ForwardPass;
import org.bybert.job.bench.Inputs;
import org.bybert.job.bench.Rounds;
import org.bybert.job.bench.Rounds.Workload;
import org.bybert.job.bench.Summary;

/** One sequence at a time: nothing is padded. */
final class FixedLengths {

    private final Transformer transformer;
    private final OrtEngine fp32;
    private final OrtEngine int8;

    FixedLengths(Transformer transformer, OrtEngine fp32, OrtEngine int8) {
        this.transformer = transformer;
        this.fp32 = fp32;
        this.int8 = int8;
    }

    void print(List<Integer> lengths, Rounds rounds) {
        List<Workload> workloads = new ArrayList<>();
        for (int length : lengths) {
            List<int[]> rows = Inputs.rows(transformer.config(), length);
            workloads.add(workload("byBERT " + length, length, new ForwardPass(transformer, rows)));
            workloads.add(workload("ORT fp32 " + length, length, fp32.new Batch(rows)::run));
            workloads.add(workload("ORT int8 " + length, length, int8.new Batch(rows)::run));
        }
        List<Measurement> measurements = rounds.measure(workloads);
        PeerBench.print(
                "%n%-14s  %8s  %8s  %9s    peak %.0f GFLOP/s%n",
                "", "tokens/s", "of peak", "spread", rounds.peaks().median());
        for (Measurement m : measurements) {
            PeerBench.print(
                    "%-14s  %8.0f  %6.1f %%  %9s%n",
                    m.name(),
                    m.tokensPerSecond().median(),
                    100 * m.fractionOfPeak().median(),
                    String.format(
                            Locale.ROOT,
                            "%.0f-%.0f",
                            100 * m.fractionOfPeak().low(),
                            100 * m.fractionOfPeak().high()));
        }
        PeerBench.print("%nbyBERT over       ORT fp32 (spread)       ORT int8 (spread)%n");
        for (int length : lengths) {
            PeerBench.print(
                    "length %5d      %s       %s%n",
                    length, ratio(rounds, length, "fp32"), ratio(rounds, length, "int8"));
        }
    }

    private Workload workload(String name, int length, Runnable call) {
        return new Workload(name, length, ForwardPass.flops(transformer.config(), length), () -> call);
    }

    private static String ratio(Rounds rounds, int length, String engine) {
        Summary ratio = rounds.ratio("byBERT " + length, "ORT " + engine + ' ' + length);
        return String.format(Locale.ROOT, "%5.2f × (%.2f-%.2f)", ratio.median(), ratio.low(), ratio.high());
    }
}
