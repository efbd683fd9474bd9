package org.bybert.job.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * What several rounds of one measurement gave.
 *
 * @param median the middle value, or the mean of the two
 * @param low    the smallest
 * @param high   the largest
 */
public record Summary(double median, double low, double high) {

    /** @throws IllegalArgumentException where there is no value */
    public static Summary of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("expected at least one value");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(median, sorted[0], sorted[sorted.length - 1]);
    }

    Summary times(double factor) {
        return new Summary(factor * median, factor * low, factor * high);
    }

    /** Both extremes, each by this format. */
    String range(String format) {
        return String.format(Locale.ROOT, format + "-" + format, low, high);
    }
}
