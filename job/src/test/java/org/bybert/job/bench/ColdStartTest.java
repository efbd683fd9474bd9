package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ColdStartTest {

    /** Seconds until each row is answered; the first {@code slow} of {@code rows} take ten times as long. */
    private static double[] ends(double opened, int slow, int rows) {
        double[] ends = new double[rows];
        double now = opened;
        for (int i = 0; i < rows; i++) {
            // Rows of a cycle of two differ in length.
            double steady = i % 2 == 0 ? 0.01 : 0.03;
            now += i < slow ? 10 * steady : steady;
            ends[i] = now;
        }
        return ends;
    }

    @Test
    void countsTheRowsBeforeTheSteadyState() {
        double[] ends = ends(2, 21, 200);
        BenchReport.ColdStart start = ColdStarts.analyse(true, 2, ends, 2);
        assertEquals(2.1, start.firstAnswerSeconds(), 1e-9);
        assertEquals(21, start.rowsToSteady());
        assertEquals(ends[20], start.secondsToSteady(), 1e-9);
        assertEquals(9 * (11 * 0.01 + 10 * 0.03), start.secondsLost(), 1e-9);
        assertEquals(50, start.rowsPerSecond(), 1e-6);
    }

    @Test
    void aWarmJvmIsSteadyFromTheFirstRow() {
        BenchReport.ColdStart start = ColdStarts.analyse(false, 1, ends(1, 0, 100), 2);
        assertEquals(0, start.rowsToSteady());
        assertEquals(1, start.secondsToSteady());
        assertEquals(0, start.secondsLost(), 1e-9);
    }

    @Test
    void oneLateHiccupDoesNotCount() {
        double[] ends = ends(0, 10, 200);
        Arrays.setAll(ends, i -> i < 100 ? ends[i] : ends[i] + 5);
        assertEquals(10, ColdStarts.analyse(true, 0, ends, 2).rowsToSteady());
    }
}
