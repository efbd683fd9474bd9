package org.bybert.job.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

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

    /** By the clock: what several threads together are rated by. */
    public double callsPerSecond() {
        return calls / seconds;
    }

    /**
     * By the time on a core: what else the machine had to do does not count, neither for the loop of multiply-adds nor
     * for what is compared with it.
     */
    public double callsPerCoreSecond() {
        return calls / (cpu > 0 ? cpu : seconds);
    }
}
