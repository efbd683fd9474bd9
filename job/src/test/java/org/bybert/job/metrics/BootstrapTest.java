package org.bybert.job.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.bybert.udf.SplitMix64;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static Row example(int id, long words, long correct) {
        return new GenericRowWithSchema(
                new Object[] {"id" + id, words, correct, 6 * words, 6 * correct}, Bootstrap.EXAMPLE);
    }

    private static Row intervals(List<Row> examples, int partitions) {
        Bootstrap bootstrap = new Bootstrap(42);
        List<long[]> sums = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            sums.add(bootstrap.zero());
        }
        for (int i = 0; i < examples.size(); i++) {
            bootstrap.reduce(sums.get(i % partitions), examples.get(i));
        }
        return bootstrap.finish(sums.stream().reduce(bootstrap::merge).orElseThrow());
    }

    private static double bound(Row intervals, String name) {
        return intervals.getAs(name);
    }

    /** For independent words the interval is that of a binomial share: p ± 1.96 · sqrt(p (1 − p) / n). */
    @Test
    void theIntervalHasTheWidthOfTheBinomial() {
        List<Row> examples = new ArrayList<>();
        SplitMix64 random = new SplitMix64(3);
        int correct = 0;
        for (int i = 0; i < 2000; i++) {
            int right = random.nextDouble() < 0.3 ? 1 : 0;
            correct += right;
            examples.add(example(i, 1, right));
        }
        double share = correct / 2000.0;
        double half = 1.96 * Math.sqrt(share * (1 - share) / 2000);
        Row intervals = intervals(examples, 3);
        assertEquals(share - half, bound(intervals, "wordLow"), 0.004);
        assertEquals(share + half, bound(intervals, "wordHigh"), 0.004);
        assertEquals(bound(intervals, "wordLow"), bound(intervals, "byteLow"));
    }

    @Test
    void partitioningChangesNothing() {
        List<Row> examples = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            examples.add(example(i, 1 + i % 9, i % 4 % (1 + i % 9)));
        }
        Row one = intervals(examples, 1);
        Row seven = intervals(examples, 7);
        assertEquals(bound(one, "wordLow"), bound(seven, "wordLow"));
        assertEquals(bound(one, "wordHigh"), bound(seven, "wordHigh"));
        assertTrue(bound(one, "wordLow") < bound(one, "wordHigh"));
    }

    @Test
    void poissonHasMeanAndVarianceOne() {
        SplitMix64 random = new SplitMix64(1);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < 200_000; i++) {
            int k = Bootstrap.poisson(random.nextDouble());
            sum += k;
            squares += (double) k * k;
        }
        assertEquals(1, sum / 200_000, 0.01);
        assertEquals(2, squares / 200_000, 0.03);
        assertEquals(0, Bootstrap.poisson(0));
    }

    @Test
    void nothingScoredIsNoNumber() {
        assertTrue(Double.isNaN(bound(intervals(List.of(), 1), "wordLow")));
    }
}
