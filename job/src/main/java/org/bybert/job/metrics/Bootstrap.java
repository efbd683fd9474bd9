package org.bybert.job.metrics;

import static org.apache.spark.sql.functions.udaf;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.apache.spark.sql.expressions.Aggregator;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.SplitMix64;

/**
 * 95 % confidence intervals by bootstrap over examples, as one Spark aggregate.
 *
 * <p>In each of {@link #REPLICATES} replicates an example counts as often as a Poisson(1) variable says, which is how
 * often a sample with replacement from many examples would draw it (Hanley and MacGibbon 2006). The variable comes from
 * the run's seed and the example's id, and only whole numbers are summed, so that partitioning and order change nothing.
 */
public final class Bootstrap extends Aggregator<Row, long[], Row> {

    /** What one scored example adds to the accuracies. */
    static final StructType EXAMPLE = new StructType()
            .add("id", DataTypes.StringType)
            .add("words", DataTypes.LongType)
            .add("correctWords", DataTypes.LongType)
            .add("bytes", DataTypes.LongType)
            .add("correctBytes", DataTypes.LongType);
    /** Lower and upper bounds; NaN where nothing was scored. */
    static final StructType INTERVALS = new StructType()
            .add("wordLow", DataTypes.DoubleType)
            .add("wordHigh", DataTypes.DoubleType)
            .add("byteLow", DataTypes.DoubleType)
            .add("byteHigh", DataTypes.DoubleType);

    static final int REPLICATES = 1000;
    private static final int COUNTS = 4;
    /** Separates these random numbers from those that choose the masks. */
    private static final long STREAM = 0x626f6f7473747261L;

    private final long seed;

    public Bootstrap(long seed) {
        this.seed = seed;
    }

    /** The aggregate over columns that are named as those of {@link #EXAMPLE}; its result is of {@link #INTERVALS}. */
    static Column over(long seed) {
        return udaf(new Bootstrap(seed), Encoders.row(EXAMPLE))
                .apply(Stream.of(EXAMPLE.fieldNames()).map(functions::col).toArray(Column[]::new));
    }

    /** Sums of words, correct words, bytes and correct bytes, replicate after replicate. */
    @Override
    public long[] zero() {
        return new long[REPLICATES * COUNTS];
    }

    @Override
    public long[] reduce(long[] sums, Row example) {
        SplitMix64 random = SplitMix64.of(seed ^ STREAM, example.getAs("id"));
        long[] counts = {
            example.<Long>getAs("words"),
            example.<Long>getAs("correctWords"),
            example.<Long>getAs("bytes"),
            example.<Long>getAs("correctBytes")
        };
        for (int at = 0; at < sums.length; at += COUNTS) {
            int times = poisson(random.nextDouble());
            for (int i = 0; i < COUNTS; i++) {
                sums[at + i] += times * counts[i];
            }
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
    public long[] merge(long[] a, long[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += b[i];
        }
        return a;
    }

    @Override
    public Row finish(long[] sums) {
        double[] words = ratios(sums, 0);
        double[] bytes = ratios(sums, 2);
        Object[] bounds = {
            quantile(words, 0.025), quantile(words, 0.975), quantile(bytes, 0.025), quantile(bytes, 0.975)
        };
        return new GenericRowWithSchema(bounds, INTERVALS);
    }

    /** Accuracy of each replicate that drew any example, ascending. */
    private static double[] ratios(long[] sums, int offset) {
        return IntStream.range(0, REPLICATES)
                .map(replicate -> replicate * COUNTS + offset)
                .filter(at -> sums[at] > 0)
                .mapToDouble(at -> (double) sums[at + 1] / sums[at])
                .sorted()
                .toArray();
    }

    private static double quantile(double[] ascending, double share) {
        return ascending.length == 0 ? Double.NaN : ascending[(int) Math.round((ascending.length - 1) * share)];
    }

    @Override
    public Encoder<long[]> bufferEncoder() {
        return Encoders.javaSerialization(long[].class);
    }

    @Override
    public Encoder<Row> outputEncoder() {
        return Encoders.row(INTERVALS);
    }
}
