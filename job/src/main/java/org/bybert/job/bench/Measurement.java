package org.bybert.job.bench;

/**
 * One workload in one thread, rated by the time the thread was on a core.
 *
 * @param name            of the workload
 * @param tokens          of one call
 * @param tokensPerSecond of one core
 * @param gflops          counted operations per second / 10⁹; null where operations are not counted
 * @param fractionOfPeak  of the peak measured right before and after, per round; null where {@code gflops} is
 * @param cpuShare        share of the time by the clock that the thread was on a core, lowest of all rounds
 * @param bytesPerCall    heap allocated by one call, lowest of all rounds: what is left when nothing grows any more
 */
public record Measurement(String name, long tokens, Spread tokensPerSecond, Spread gflops, Spread fractionOfPeak,
                          double cpuShare, long bytesPerCall) {
}
