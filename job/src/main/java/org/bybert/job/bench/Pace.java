package org.bybert.job.bench;

/**
 * How long to measure.
 *
 * @param rounds        how often everything is measured in turn; medians are over these
 * @param sliceSeconds  calls of one workload in one round last at least this long
 * @param warmUpSeconds calls before the first round last at least this long, so that the JIT compiler has finished
 */
public record Pace(int rounds, double sliceSeconds, double warmUpSeconds) {

    public static final Pace DEFAULT = new Pace(5, 0.3, 3);

    public Pace {
        if (rounds < 1 || !(sliceSeconds > 0) || !(warmUpSeconds >= 0)) {
            throw new IllegalArgumentException("expected at least one round and positive times, found " + rounds
                    + " rounds of " + sliceSeconds + " s after " + warmUpSeconds + " s");
        }
    }
}
