package org.bybert.job.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.bybert.udf.SplitMix64;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    private static ExampleCounts example(int id, int words, int correct) {
        ExampleCounts counts = new ExampleCounts();
        counts.setId("id" + id);
        counts.setWords(words);
        counts.setCorrectWords(correct);
        counts.setBytes(6L * words);
        counts.setCorrectBytes(6L * correct);
        return counts;
    }

    private static Bootstrap.Intervals intervals(List<ExampleCounts> examples, int partitions) {
        Bootstrap bootstrap = new Bootstrap(42);
        List<Bootstrap.Sums> sums = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            sums.add(bootstrap.zero());
        }
        for (int i = 0; i < examples.size(); i++) {
            bootstrap.reduce(sums.get(i % partitions), examples.get(i));
        }
        return bootstrap.finish(sums.stream().reduce(bootstrap::merge).orElseThrow());
    }

    /** For independent words the interval is that of a binomial share: p ± 1.96 · sqrt(p (1 − p) / n). */
    @Test
    void theIntervalHasTheWidthOfTheBinomial() {
        List<ExampleCounts> examples = new ArrayList<>();
        SplitMix64 random = new SplitMix64(3);
        int correct = 0;
        for (int i = 0; i < 2000; i++) {
            int right = random.nextDouble() < 0.3 ? 1 : 0;
            correct += right;
            examples.add(example(i, 1, right));
        }
        double share = correct / 2000.0;
        double half = 1.96 * Math.sqrt(share * (1 - share) / 2000);
        Bootstrap.Intervals intervals = intervals(examples, 3);
        assertEquals(share - half, intervals.getWordLow(), 0.004);
        assertEquals(share + half, intervals.getWordHigh(), 0.004);
        assertEquals(intervals.getWordLow(), intervals.getByteLow());
    }

    @Test
    void partitioningChangesNothing() {
        List<ExampleCounts> examples = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            examples.add(example(i, 1 + i % 9, i % 4 % (1 + i % 9)));
        }
        Bootstrap.Intervals one = intervals(examples, 1);
        Bootstrap.Intervals seven = intervals(examples, 7);
        assertEquals(one.getWordLow(), seven.getWordLow());
        assertEquals(one.getWordHigh(), seven.getWordHigh());
        assertTrue(one.getWordLow() < one.getWordHigh());
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
        assertTrue(Double.isNaN(intervals(List.of(), 1).getWordLow()));
    }
}
