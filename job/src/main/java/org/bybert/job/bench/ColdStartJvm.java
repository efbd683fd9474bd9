package org.bybert.job.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session;
import org.bybert.encoder.model.WarmUp;

/**
 * The program of the fresh JVM that {@link ColdStarts} starts: opens a model and answers mixed sentences one by one, as
 * the SQL function does. Arguments: the model folder and the seconds to go on. Its one line of output is for its
 * parent.
 */
public final class ColdStartJvm {

    /** Sentences that are answered again and again. */
    private static final int CYCLE = 32;
    /** Throughput is looked at over so many rows. */
    private static final int WINDOW = 8;
    private static final double STEADY = 0.9;

    private ColdStartJvm() {
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        double limit = Double.parseDouble(args[1]);
        // Made before the clock starts: a task has its rows from Spark.
        ByBert.Description model = ByBert.check(folder, Map.of());
        List<List<int[]>> rows = Lengths.rows(model.config(), Lengths.mixed(CYCLE)).stream().map(List::of).toList();
        double[] ends = new double[1024];
        long start = System.nanoTime();
        Session session = ByBert.open(folder).newSession();
        double opened = (System.nanoTime() - start) / 1e9;
        int count = 0;
        double now = opened;
        while (now - opened < limit || count < 3 * CYCLE) {
            session.embed(rows.get(count % CYCLE), Pooling.MEAN, true);
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
            }
            now = (System.nanoTime() - start) / 1e9;
            ends[count++] = now;
        }
        boolean warmUp = Boolean.parseBoolean(System.getProperty(WarmUp.PROPERTY, "true"));
        System.out.println(new JsonMapper().writeValueAsString(
                analyse(warmUp, opened, Arrays.copyOf(ends, count), CYCLE)));
    }

    /**
     * @param opened seconds until the model was open
     * @param ends   seconds until each row was answered
     * @param cycle  rows after which the same rows come again
     */
    static ColdStart analyse(boolean warmUp, double opened, double[] ends, int cycle) {
        double[] seconds = new double[ends.length];
        for (int i = 0; i < ends.length; i++) {
            seconds[i] = ends[i] - (i == 0 ? opened : ends[i - 1]);
        }
        double[] steady = steady(seconds, cycle);
        int row = 0;
        while (row + WINDOW <= ends.length && !isSteady(seconds, steady, row)) {
            row++;
        }
        double lost = 0;
        for (int i = 0; i < ends.length; i++) {
            lost += Math.max(0, seconds[i] - steady[i % cycle]);
        }
        return new ColdStart(warmUp, opened, ends[0], row, row == 0 ? opened : ends[row - 1], lost,
                cycle / Arrays.stream(steady).sum());
    }

    /** Seconds for each row of the cycle once the JVM is warm: the median over the second half of all cycles. */
    private static double[] steady(double[] seconds, int cycle) {
        double[] steady = new double[cycle];
        int cycles = seconds.length / cycle;
        for (int i = 0; i < cycle; i++) {
            double[] late = new double[cycles - cycles / 2];
            for (int c = cycles / 2; c < cycles; c++) {
                late[c - cycles / 2] = seconds[c * cycle + i];
            }
            steady[i] = Spread.of(late).median();
        }
        return steady;
    }

    private static boolean isSteady(double[] seconds, double[] steady, int from) {
        double taken = 0;
        double expected = 0;
        for (int i = from; i < from + WINDOW; i++) {
            taken += seconds[i];
            expected += steady[i % steady.length];
        }
        return expected / taken >= STEADY;
    }
}
