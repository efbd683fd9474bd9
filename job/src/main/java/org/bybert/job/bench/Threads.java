package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.KernelChoice.Fma;
import org.bybert.job.bench.BenchReport.Scaling;
import org.bybert.job.bench.Rounds.Pace;
import org.bybert.job.bench.Rounds.Workload;

/** Measures how a workload scales to several threads, beside how the machine itself does. */
final class Threads implements AutoCloseable {

    private static volatile float sink;

    private final int threads;
    private final Fma fma = KernelChoice.fma();
    private final Pace pace;
    private final ExecutorService pool;

    Threads(int threads, Pace pace) {
        this.threads = threads;
        this.pace = pace;
        this.pool = Executors.newFixedThreadPool(threads);
    }

    List<Scaling> measure(List<Workload> workloads) {
        List<Runnable> fmaCalls = calls(() -> () -> sink = fma.run());
        List<Scaling> result = new ArrayList<>();
        for (Workload workload : workloads) {
            List<Runnable> calls = calls(workload.newThread());
            rate(calls, pace.warmUpSeconds());
            double[] ratios = new double[pace.rounds()];
            double[] fmaRatios = new double[pace.rounds()];
            double fmaBefore = alone(fmaCalls);
            double before = alone(calls);
            for (int round = 0; round < pace.rounds(); round++) {
                double fmaTogether = rate(fmaCalls, pace.sliceSeconds());
                double together = rate(calls, pace.sliceSeconds());
                // Alone before and after: a machine that grows busy in between must not count as scaling.
                double fmaAfter = alone(fmaCalls);
                double after = alone(calls);
                fmaRatios[round] = 2 * fmaTogether / (fmaBefore + fmaAfter);
                ratios[round] = 2 * together / (before + after);
                fmaBefore = fmaAfter;
                before = after;
            }
            result.add(new Scaling(workload.name(), threads, Summary.of(ratios), Summary.of(fmaRatios)));
        }
        return result;
    }

    private List<Runnable> calls(Supplier<Runnable> newThread) {
        List<Runnable> calls = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            calls.add(newThread.get());
        }
        return calls;
    }

    private double alone(List<Runnable> calls) {
        return rate(calls.subList(0, 1), pace.sliceSeconds());
    }

    /** Calls per second of all threads together. */
    private double rate(List<Runnable> calls, double seconds) {
        CyclicBarrier start = new CyclicBarrier(calls.size());
        List<Future<Timing>> timings = calls.stream().map(call -> pool.submit(() -> {
            await(start);
            return Timing.of(call, seconds);
        })).toList();
        double rate = 0;
        for (Future<Timing> timing : timings) {
            rate += get(timing).callsPerSecond();
        }
        return rate;
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("a thread of the measurement was stopped", e);
        }
    }

    private static Timing get(Future<Timing> timing) {
        try {
            return timing.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was stopped", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a thread of the measurement failed: " + e.getCause(), e.getCause());
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
