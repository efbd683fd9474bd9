package org.bybert.job.bench;

import java.util.Arrays;

/**
 * What several rounds of one measurement gave.
 *
 * @param median the middle value, or the mean of the two
 * @param low    the smallest
 * @param high   the largest
 */
public record Spread(double median, double low, double high) {

    /** @throws IllegalArgumentException where there is no value */
    public static Spread of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("expected at least one value");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }
}
