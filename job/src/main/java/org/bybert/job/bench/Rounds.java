package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.KernelChoice.Fma;
import org.bybert.job.bench.BenchReport.Measurement;

/**
 * Measures workloads in interleaved rounds: one slice of each in turn, with the peak of the core before and after each
 * slice, so that what else happens on the machine meets all of them alike.
 */
public final class Rounds {

    /**
     * How long to measure.
     *
     * @param rounds        how often everything is measured in turn; medians are over these
     * @param sliceSeconds  calls of one workload in one round last at least this long
     * @param warmUpSeconds calls before the first round last at least this long, so that the JIT compiler has finished
     */
    public record Pace(int rounds, double sliceSeconds, double warmUpSeconds) {

        public Pace {
            if (rounds < 1 || !(sliceSeconds > 0) || !(warmUpSeconds >= 0)) {
                throw new IllegalArgumentException("expected at least one round and positive times, found " + rounds
                        + " rounds of " + sliceSeconds + " s after " + warmUpSeconds + " s");
            }
        }
    }

    /**
     * Something to be measured.
     *
     * @param name      the same in every run, as comparisons go by it
     * @param tokens    tokens one call handles
     * @param flops     floating-point operations of one call; 0 where they are not counted
     * @param newThread gives the call for one thread, with buffers of its own
     */
    public record Workload(String name, long tokens, double flops, Supplier<Runnable> newThread) {
    }

    private static final double PEAK_SECONDS = 0.02;
    /** The JIT compiler compiles a method for good after 600 calls, and then takes its time. */
    private static final int PEAK_WARM_UP_CALLS = 2000;
    private static final int PEAK_STEADY_SLICES = 10;
    private static final double PEAK_WARM_UP_AT_MOST_SECONDS = 10;

    /** Keeps the results of the loop alive. */
    @SuppressWarnings("unused")
    private static volatile float sink;

    private final Fma fma = KernelChoice.fma();
    private final Pace pace;
    private final List<Double> peaks = new ArrayList<>();
    private final Map<String, double[]> rates = new HashMap<>();

    public Rounds(Pace pace) {
        this.pace = pace;
        warmUpFma();
    }

    /** Until it has not become faster for a while: a peak taken too early makes everything beside it look fast. */
    private void warmUpFma() {
        double best = 0;
        double seconds = 0;
        long calls = 0;
        int steady = 0;
        while ((calls < PEAK_WARM_UP_CALLS || steady < PEAK_STEADY_SLICES) && seconds < PEAK_WARM_UP_AT_MOST_SECONDS) {
            Timing timing = Timing.of(this::runFma, PEAK_SECONDS);
            calls += timing.calls();
            seconds += timing.seconds();
            steady = timing.callsPerCoreSecond() > 1.1 * best ? 0 : steady + 1;
            best = Math.max(best, timing.callsPerCoreSecond());
        }
    }

    /** Measurements in the order of the workloads. */
    public List<Measurement> measure(List<Workload> workloads) {
        List<Runnable> calls = workloads.stream().map(workload -> workload.newThread().get()).toList();
        calls.forEach(call -> Timing.of(call, pace.warmUpSeconds()));
        int n = workloads.size();
        Timing[][] timings = new Timing[n][pace.rounds()];
        double[][] peak = new double[n][pace.rounds()];
        for (int round = 0; round < pace.rounds(); round++) {
            double before = peak();
            for (int i = 0; i < n; i++) {
                timings[i][round] = Timing.of(calls.get(i), pace.sliceSeconds());
                double after = peak();
                peak[i][round] = (before + after) / 2;
                before = after;
            }
        }
        return IntStream.range(0, n).mapToObj(i -> measurement(workloads.get(i), timings[i], peak[i])).toList();
    }

    private Measurement measurement(Workload workload, Timing[] timings, double[] peak) {
        double[] tokensPerSecond = new double[timings.length];
        double[] gflops = new double[timings.length];
        double[] fractions = new double[timings.length];
        double cpuShare = 1;
        long bytes = Long.MAX_VALUE;
        for (int round = 0; round < timings.length; round++) {
            Timing timing = timings[round];
            tokensPerSecond[round] = workload.tokens() * timing.callsPerCoreSecond();
            gflops[round] = workload.flops() * timing.callsPerCoreSecond() / 1e9;
            fractions[round] = gflops[round] / peak[round];
            cpuShare = Math.min(cpuShare, timing.cpu() / timing.seconds());
            bytes = Math.min(bytes, timing.allocated() / timing.calls());
        }
        rates.put(workload.name(), tokensPerSecond);
        boolean counted = workload.flops() > 0;
        return new Measurement(workload.name(), workload.tokens(), Summary.of(tokensPerSecond),
                counted ? Summary.of(gflops) : null, counted ? Summary.of(fractions) : null, cpuShare, bytes);
    }

    /** The peak of the core now, in GFLOP/s. */
    public double peak() {
        double peak = fma.flops() * Timing.of(this::runFma, PEAK_SECONDS).callsPerCoreSecond() / 1e9;
        peaks.add(peak);
        return peak;
    }

    /** Tokens per second of one workload over another, both measured before, round by round. */
    public Summary ratio(String workload, String other) {
        double[] above = rates.get(workload);
        double[] below = rates.get(other);
        return Summary.of(IntStream.range(0, above.length).mapToDouble(i -> above[i] / below[i]).toArray());
    }

    private void runFma() {
        sink = fma.run();
    }

    /** All peaks measured so far, in GFLOP/s. */
    public Summary peaks() {
        return Summary.of(peaks.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
