package org.bybert.encoder.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("org.bybert.encoder.KernelSets#vectorModulePresent")
class ExpTest {

    private static final int LANES = Species.LANES;

    @Test
    void relativeErrorIsAtMostThreeTenMillionths() {
        double worst = 0;
        float worstAt = 0;
        for (int i = 0; i <= 4_000_000; i++) {
            float x = (float) (-87 + 174.0 * i / 4_000_000);
            double expected = StrictMath.exp(x);
            double error = Math.abs(Exp.exp(x) - expected) / expected;
            if (!(error <= worst)) {
                worst = error;
                worstAt = x;
            }
        }
        assertTrue(worst <= 3e-7, "exp(" + worstAt + ") is off by " + worst);
    }

    @Test
    void lanesAndTailHaveTheSameBits() {
        float[] x = new float[LANES];
        float[] y = new float[LANES];
        for (int i = 0; i < 4_000_000 / LANES; i++) {
            for (int lane = 0; lane < LANES; lane++) {
                x[lane] = (float) (-90 + 180.0 * (i * LANES + lane) / 4_000_000);
            }
            Exp.exp(FloatVector.fromArray(Species.FLOATS, x, 0)).intoArray(y, 0);
            for (int lane = 0; lane < LANES; lane++) {
                if (Float.floatToRawIntBits(y[lane]) != Float.floatToRawIntBits(Exp.exp(x[lane]))) {
                    assertEquals(Exp.exp(x[lane]), y[lane], "exp(" + x[lane] + ")");
                }
            }
        }
    }

    @Test
    void outsideTheRangeTheResultStaysAPositiveNormalNumber() {
        float[] x = {-87.5f, -1000, -1e30f, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY, 1000, Float.POSITIVE_INFINITY};
        float[] y = new float[LANES];
        for (float value : x) {
            Exp.exp(FloatVector.broadcast(Species.FLOATS, value)).intoArray(y, 0);
            for (float result : y) {
                assertEquals(Exp.exp(value < 0 ? -87 : 87), result, "exp(" + value + ")");
            }
            assertTrue(Exp.exp(value) >= Float.MIN_NORMAL && Exp.exp(value) < Float.POSITIVE_INFINITY);
        }
    }
}
