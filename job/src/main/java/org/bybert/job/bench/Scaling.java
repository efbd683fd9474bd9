package org.bybert.job.bench;

/**
 * What several threads do together, as a multiple of what one does alone in the same round.
 *
 * @param name    of the workload
 * @param threads that share the model
 * @param ratio   of the workload
 * @param fma     of the loop of fused multiply-adds: what the machine itself gives for more threads
 */
public record Scaling(String name, int threads, Spread ratio, Spread fma) {
}
