package org.bybert.job.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.KernelChoice.Fma;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.bench.BenchReport.Scaling;

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
    public record Workload(String name, long tokens, double flops, Supplier<Runnable> newThread) {}

    /**
     * One slice of calls in the calling thread.
     *
     * @param calls     how many
     * @param seconds   by the clock
     * @param cpu       seconds the thread was on a core; less than by the clock where the machine had other work
     * @param allocated bytes the thread has allocated on the heap
     */
    public record Timing(long calls, double seconds, double cpu, long allocated) {

        private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        /** Calls again and again until {@code atLeast} seconds are over, at least once. */
        public static Timing of(Runnable call, double atLeast) {
            long cpu = THREADS.getCurrentThreadCpuTime();
            // Innermost: asking for the time on a core allocates.
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            long calls = 0;
            long now;
            do {
                call.run();
                calls++;
                now = System.nanoTime();
            } while (now - start < atLeast * 1e9);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
            return new Timing(calls, (now - start) / 1e9, (THREADS.getCurrentThreadCpuTime() - cpu) / 1e9, allocated);
        }

        /**
         * By the time on a core: what else the machine had to do does not count, neither for the loop of multiply-adds
         * nor for what is compared with it.
         */
        public double callsPerCoreSecond() {
            return calls / (cpu > 0 ? cpu : seconds);
        }
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
        List<Runnable> calls =
                workloads.stream().map(workload -> workload.newThread().get()).toList();
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
        return IntStream.range(0, n)
                .mapToObj(i -> measurement(workloads.get(i), timings[i], peak[i]))
                .toList();
    }

    private Measurement measurement(Workload workload, Timing[] timings, double[] peak) {
        double[] calls =
                Stream.of(timings).mapToDouble(Timing::callsPerCoreSecond).toArray();
        double[] tokensPerSecond =
                DoubleStream.of(calls).map(rate -> workload.tokens() * rate).toArray();
        double[] gflops = DoubleStream.of(calls)
                .map(rate -> workload.flops() * rate / 1e9)
                .toArray();
        double[] fractions = IntStream.range(0, peak.length)
                .mapToDouble(i -> gflops[i] / peak[i])
                .toArray();
        rates.put(workload.name(), tokensPerSecond);
        boolean counted = workload.flops() > 0;
        return new Measurement(
                workload.name(),
                workload.tokens(),
                Summary.of(tokensPerSecond),
                counted ? Summary.of(gflops) : null,
                counted ? Summary.of(fractions) : null,
                Stream.of(timings)
                        .mapToDouble(timing -> timing.cpu() / timing.seconds())
                        .reduce(1, Math::min),
                Stream.of(timings)
                        .mapToLong(timing -> timing.allocated() / timing.calls())
                        .min()
                        .orElseThrow());
    }

    /** What several threads together do, beside what they get out of the machine itself. */
    public List<Scaling> scaling(int threads, List<Workload> workloads) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            return workloads.stream()
                    .map(workload -> scaling(pool, threads, workload))
                    .toList();
        } finally {
            pool.shutdownNow();
        }
    }

    private Scaling scaling(ExecutorService pool, int threads, Workload workload) {
        List<Runnable> calls =
                Stream.generate(workload.newThread()).limit(threads).toList();
        List<Runnable> fmaCalls = Collections.nCopies(threads, this::runFma);
        rate(pool, calls, pace.warmUpSeconds());
        double[] ratios = new double[pace.rounds()];
        double[] fmaRatios = new double[pace.rounds()];
        double fmaBefore = alone(pool, fmaCalls);
        double before = alone(pool, calls);
        for (int round = 0; round < pace.rounds(); round++) {
            double fmaTogether = rate(pool, fmaCalls, pace.sliceSeconds());
            double together = rate(pool, calls, pace.sliceSeconds());
            // Alone before and after: a machine that grows busy in between must not count as scaling.
            double fmaAfter = alone(pool, fmaCalls);
            double after = alone(pool, calls);
            fmaRatios[round] = 2 * fmaTogether / (fmaBefore + fmaAfter);
            ratios[round] = 2 * together / (before + after);
            fmaBefore = fmaAfter;
            before = after;
        }
        return new Scaling(workload.name(), threads, Summary.of(ratios), Summary.of(fmaRatios));
    }

    private double alone(ExecutorService pool, List<Runnable> calls) {
        return rate(pool, calls.subList(0, 1), pace.sliceSeconds());
    }

    /** Calls per second, by the clock, of all threads together. */
    private static double rate(ExecutorService pool, List<Runnable> calls, double seconds) {
        CyclicBarrier start = new CyclicBarrier(calls.size());
        try {
            double rate = 0;
            for (Future<Timing> timing : pool.invokeAll(calls.stream()
                    .<Callable<Timing>>map(call -> () -> {
                        start.await();
                        return Timing.of(call, seconds);
                    })
                    .toList())) {
                rate += timing.get().calls() / timing.get().seconds();
            }
            return rate;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was stopped", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the measurement failed: " + e.getCause(), e.getCause());
        }
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
        return Summary.of(IntStream.range(0, above.length)
                .mapToDouble(i -> above[i] / below[i])
                .toArray());
    }

    private void runFma() {
        sink = fma.run();
    }

    /** All peaks measured so far, in GFLOP/s. */
    public Summary peaks() {
        return Summary.of(peaks.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
