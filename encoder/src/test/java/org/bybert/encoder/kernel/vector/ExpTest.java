package org.bybert.encoder.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.bybert.encoder.kernel.vector.VectorKernels.Exp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("org.bybert.encoder.KernelSets#vectorModulePresent")
class ExpTest {

    private static final VectorKernels KERNELS = new VectorKernels();
    private static final int WIDTH = VectorKernels.PANEL;

    /** The definition: lanes of softmax and SwiGLU have these bits. */
    private static float exp(float x) {
        x = Math.min(Math.max(x, -Exp.LIMIT), Exp.LIMIT);
        float shifted = Math.fma(x, Exp.LOG2_E, Exp.ROUNDER);
        float n = shifted - Exp.ROUNDER;
        float r = Math.fma(n, -Exp.LN2_HIGH, x);
        r = Math.fma(n, -Exp.LN2_LOW, r);
        float p = Math.fma(r, Exp.C5, Exp.C4);
        p = Math.fma(p, r, Exp.C3);
        p = Math.fma(p, r, Exp.C2);
        p = Math.fma(p, r, Exp.C1);
        p = Math.fma(p, r, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
    }

    @Test
    void relativeErrorIsAtMostThreeTenMillionths() {
        double worst = 0;
        float worstAt = 0;
        for (int i = 0; i <= 4_000_000; i++) {
            float x = (float) (-87 + 174.0 * i / 4_000_000);
            double expected = StrictMath.exp(x);
            double error = Math.abs(exp(x) - expected) / expected;
            if (!(error <= worst)) {
                worst = error;
                worstAt = x;
            }
        }
        assertTrue(worst <= 3e-7, "exp(" + worstAt + ") is off by " + worst);
    }

    @Test
    void softmaxHasTheBitsOfTheDefinition() {
        float[] scores = new float[WIDTH];
        float[] state = new float[4 * WIDTH];
        for (int i = 0; i < 2_000_000 / WIDTH; i++) {
            for (int t = 0; t < WIDTH; t++) {
                scores[t] = (float) (-90.0 * (i * WIDTH + t) / 2_000_000);
            }
            float[] before = scores.clone();
            KERNELS.softmax(scores, 0, 1, state, 0);
            for (int t = 0; t < WIDTH; t++) {
                if (Float.floatToRawIntBits(scores[t]) != Float.floatToRawIntBits(exp(before[t]))) {
                    assertEquals(exp(before[t]), scores[t], "exp(" + before[t] + ")");
                }
            }
        }
    }

    @Test
    void swiGluHasTheBitsOfTheDefinition() {
        float[] gate = new float[WIDTH];
        float[] up = new float[WIDTH];
        Arrays.fill(up, 1);
        float[] y = new float[WIDTH];
        for (int i = 0; i < 4_000_000 / WIDTH; i++) {
            for (int t = 0; t < WIDTH; t++) {
                gate[t] = (float) (-90 + 180.0 * (i * WIDTH + t) / 4_000_000);
            }
            KERNELS.swiGlu(gate, 0, up, 0, y, 0, WIDTH);
            for (int t = 0; t < WIDTH; t++) {
                float expected = gate[t] / (exp(-gate[t]) + 1);
                if (Float.floatToRawIntBits(expected) != Float.floatToRawIntBits(y[t])) {
                    assertEquals(expected, y[t], "silu(" + gate[t] + ")");
                }
            }
        }
    }

    @Test
    void outsideTheRangeTheResultStaysAPositiveNormalNumber() {
        float[] x = {-87.5f, -1000, -1e30f, -Float.MAX_VALUE, Float.NEGATIVE_INFINITY, 1000, Float.POSITIVE_INFINITY};
        for (float value : x) {
            assertEquals(exp(value < 0 ? -87 : 87), exp(value));
            assertTrue(exp(value) >= Float.MIN_NORMAL && exp(value) < Float.POSITIVE_INFINITY);
        }
        float[] scores = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            scores[i] = x[i % 5];
        }
        KERNELS.softmax(scores, 0, 1, new float[4 * WIDTH], 0);
        for (float result : scores) {
            assertEquals(exp(-87), result);
        }
    }
}
