package org.bybert.job.metrics;

import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.expressions.Aggregator;
import org.bybert.udf.SplitMix64;

/**
 * 95 % confidence intervals by bootstrap over examples, as one Spark aggregate.
 *
 * <p>In each of {@link #REPLICATES} replicates an example counts as often as a Poisson(1) variable says, which is how
 * often a sample with replacement from many examples would draw it (Hanley and MacGibbon 2006). The variable comes from
 * the run's seed and the example's id, and only whole numbers are summed, so that partitioning and order change nothing.
 */
public final class Bootstrap extends Aggregator<ExampleCounts, Bootstrap.Sums, Bootstrap.Intervals> {

    static final int REPLICATES = 1000;
    private static final int COUNTS = 4;
    /** Separates these random numbers from those that choose the masks. */
    private static final long STREAM = 0x626f6f7473747261L;

    private final long seed;

    public Bootstrap(long seed) {
        this.seed = seed;
    }

    /** Sums of words, correct words, bytes and correct bytes, replicate after replicate. */
    public static final class Sums implements Serializable {
        private final long[] values = new long[REPLICATES * COUNTS];
    }

    /** Lower and upper bounds; NaN where nothing was scored. A bean, as Spark's encoder wants it. */
    public static final class Intervals implements Serializable {
        private double wordLow;
        private double wordHigh;
        private double byteLow;
        private double byteHigh;

        public double getWordLow() {
            return wordLow;
        }

        public void setWordLow(double wordLow) {
            this.wordLow = wordLow;
        }

        public double getWordHigh() {
            return wordHigh;
        }

        public void setWordHigh(double wordHigh) {
            this.wordHigh = wordHigh;
        }

        public double getByteLow() {
            return byteLow;
        }

        public void setByteLow(double byteLow) {
            this.byteLow = byteLow;
        }

        public double getByteHigh() {
            return byteHigh;
        }

        public void setByteHigh(double byteHigh) {
            this.byteHigh = byteHigh;
        }
    }

    @Override
    public Sums zero() {
        return new Sums();
    }

    @Override
    public Sums reduce(Sums sums, ExampleCounts example) {
        SplitMix64 random = SplitMix64.of(seed ^ STREAM, example.getId());
        for (int at = 0; at < sums.values.length; at += COUNTS) {
            int times = poisson(random.nextDouble());
            sums.values[at] += times * example.getWords();
            sums.values[at + 1] += times * example.getCorrectWords();
            sums.values[at + 2] += times * example.getBytes();
            sums.values[at + 3] += times * example.getCorrectBytes();
        }
        return sums;
    }

    /** Poisson(1) by inversion. */
    static int poisson(double uniform) {
        double probability = 0.36787944117144233;
        double cumulative = probability;
        int k = 0;
        while (uniform >= cumulative && k < 20) {
            k++;
            probability /= k;
            cumulative += probability;
        }
        return k;
    }

    @Override
    public Sums merge(Sums a, Sums b) {
        for (int i = 0; i < a.values.length; i++) {
            a.values[i] += b.values[i];
        }
        return a;
    }

    @Override
    public Intervals finish(Sums sums) {
        double[] words = ratios(sums, 0);
        double[] bytes = ratios(sums, 2);
        Intervals intervals = new Intervals();
        intervals.setWordLow(quantile(words, 0.025));
        intervals.setWordHigh(quantile(words, 0.975));
        intervals.setByteLow(quantile(bytes, 0.025));
        intervals.setByteHigh(quantile(bytes, 0.975));
        return intervals;
    }

    /** Accuracy of each replicate that drew any example, ascending. */
    private static double[] ratios(Sums sums, int offset) {
        double[] ratios = new double[REPLICATES];
        int count = 0;
        for (int at = offset; at < sums.values.length; at += COUNTS) {
            if (sums.values[at] > 0) {
                ratios[count++] = (double) sums.values[at + 1] / sums.values[at];
            }
        }
        ratios = Arrays.copyOf(ratios, count);
        Arrays.sort(ratios);
        return ratios;
    }

    private static double quantile(double[] ascending, double share) {
        return ascending.length == 0 ? Double.NaN : ascending[(int) Math.round((ascending.length - 1) * share)];
    }

    @Override
    public Encoder<Sums> bufferEncoder() {
        return Encoders.javaSerialization(Sums.class);
    }

    @Override
    public Encoder<Intervals> outputEncoder() {
        return Encoders.bean(Intervals.class);
    }
}
