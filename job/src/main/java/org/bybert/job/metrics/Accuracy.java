package org.bybert.job.metrics;

/**
 * A share of correct predictions with its 95 % confidence interval; all three are NaN where there was none to make.
 *
 * @param correct number of correct predictions
 * @param total   number of predictions
 */
public record Accuracy(long correct, long total, double low, double high) {

    public double value() {
        return total == 0 ? Double.NaN : (double) correct / total;
    }
}
