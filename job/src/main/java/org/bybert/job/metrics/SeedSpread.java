package org.bybert.job.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.bybert.job.metrics.SetMetrics.Accuracy;

/**
 * An accuracy over the seeds that chose its masks.
 *
 * @param masked   mean number of predictions
 * @param accuracy mean over the seeds; NaN where there was nothing to predict
 * @param sd       standard deviation over the seeds (of a sample, n - 1); NaN for a single one
 * @param low      mean of the lower bounds of the seeds' intervals; NaN where there are none
 * @param high     mean of the upper ones
 */
public record SeedSpread(double masked, double accuracy, double sd, double low, double high) {

    /** @param seeds one accuracy for each seed, at least one */
    public static SeedSpread of(List<Accuracy> seeds) {
        double mean = mean(seeds, SeedSpread::share);
        double squares = mean(seeds, accuracy -> (share(accuracy) - mean) * (share(accuracy) - mean));
        return new SeedSpread(
                mean(seeds, Accuracy::masked),
                mean,
                Math.sqrt(squares * seeds.size() / (seeds.size() - 1)),
                mean(seeds, Accuracy::low),
                mean(seeds, Accuracy::high));
    }

    private static double share(Accuracy accuracy) {
        return accuracy.masked() == 0 ? Double.NaN : accuracy.accuracy();
    }

    private static double mean(List<Accuracy> seeds, ToDoubleFunction<Accuracy> value) {
        return seeds.stream().mapToDouble(value).sum() / seeds.size();
    }
}
