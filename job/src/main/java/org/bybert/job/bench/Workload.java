package org.bybert.job.bench;

import java.util.function.Supplier;

/**
 * Something to be measured.
 *
 * @param name      the same in every run, as comparisons go by it
 * @param tokens    tokens one call handles (rows of the input for a kernel)
 * @param flops     floating-point operations of one call; 0 where they are not counted
 * @param newThread gives the call for one thread, with buffers of its own
 */
public record Workload(String name, long tokens, double flops, Supplier<Runnable> newThread) {
}
