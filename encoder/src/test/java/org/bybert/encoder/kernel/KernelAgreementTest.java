package org.bybert.encoder.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel on one row, scalar and vector, against double precision at lengths that leave a tail. */
class KernelAgreementTest {

    private static final int[] PRIMES = {1, 2, 3, 5, 7, 11, 13, 17, 19, 31, 37, 61, 127, 193, 257, 509, 769, 1031};
    private static final int MARGIN = 3;
    /** Half a unit in the last place: the error of one rounding. */
    private static final double UNIT = 0x1p-24;

    private final Random random = new Random(13);

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void rmsNormDividesByTheRootOfTheMeanSquare(Kernels kernels) {
        for (int n : PRIMES) {
            float[] x = floats(n, 3);
            float[] weight = Arrays.copyOfRange(floats(n, 2), MARGIN, MARGIN + n);
            float[] y = floats(n, 1);
            float[] before = y.clone();
            kernels.rmsNorm(x, MARGIN, n, weight, 1e-3f, y, MARGIN);
            double squares = 0;
            for (int i = 0; i < n; i++) {
                squares += (double) x[MARGIN + i] * x[MARGIN + i];
            }
            for (int i = 0; i < n; i++) {
                double expected = x[MARGIN + i] / Math.sqrt(squares / n + 1e-3f) * weight[i];
                assertEquals(expected, y[MARGIN + i], (n + 8) * UNIT * Math.abs(expected), n + " values, " + i);
            }
            assertMarginsKept(before, y, n);
            kernels.rmsNorm(x, MARGIN, n, weight, 1e-3f, x, MARGIN);
            assertArrayEquals(Arrays.copyOfRange(y, MARGIN, MARGIN + n), Arrays.copyOfRange(x, MARGIN, MARGIN + n),
                    "in place, " + n + " values");
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void rmsNormOfZerosIsZero(Kernels kernels) {
        float[] y = floats(37, 1);
        kernels.rmsNorm(new float[37], 0, 37, new float[37], 1e-6f, y, 0);
        assertArrayEquals(new float[37], Arrays.copyOf(y, 37));
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void rotateTurnsPairsHalfAHeadApart(Kernels kernels) {
        for (int half : PRIMES) {
            float[] x = floats(2 * half, 3);
            float[] before = x.clone();
            float[] cosines = floats(half, 1);
            float[] sines = floats(half, 1);
            float scale = 0.37f;
            kernels.rotate(x, MARGIN, half, cosines, sines, MARGIN, scale);
            for (int i = MARGIN; i < MARGIN + half; i++) {
                double a = before[i];
                double b = before[half + i];
                double cosine = cosines[i];
                double sine = sines[i];
                double tolerance = 4 * UNIT * (Math.abs(a) + Math.abs(b)) * scale;
                assertEquals((a * cosine - b * sine) * scale, x[i], tolerance, half + " pairs, first of " + i);
                assertEquals((b * cosine + a * sine) * scale, x[half + i], tolerance, half + " pairs, second of " + i);
            }
            assertMarginsKept(before, x, 2 * half);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void swiGluGatesBySiluOfTheGate(Kernels kernels) {
        for (int n : PRIMES) {
            float[] gate = floats(n, 40);
            float[] up = floats(n, 3);
            float[] before = gate.clone();
            kernels.swiGlu(gate, MARGIN, up, MARGIN, n);
            for (int i = MARGIN; i < MARGIN + n; i++) {
                double expected = before[i] / (1 + Math.exp(-(double) before[i])) * up[i];
                assertEquals(expected, gate[i], 1e-6 * Math.abs(expected), n + " values, " + before[i]);
            }
            assertMarginsKept(before, gate, n);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void swiGluOfExtremeGatesStaysFinite(Kernels kernels) {
        float[] gate = new float[38];
        float[] up = new float[38];
        Arrays.fill(up, 1);
        Arrays.fill(gate, 0, 19, -1e6f);
        Arrays.fill(gate, 19, 38, 1e6f);
        kernels.swiGlu(gate, 0, up, 0, 38);
        for (int i = 0; i < 38; i++) {
            assertEquals(i < 19 ? 0 : 1e6f, gate[i], 1e-6, "value " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void maxFindsTheLargestWhereverItIs(Kernels kernels) {
        for (int n : PRIMES) {
            for (int at = MARGIN; at < MARGIN + n; at++) {
                float[] x = new float[n + 2 * MARGIN];
                Arrays.fill(x, -7.5f);
                Arrays.fill(x, 0, MARGIN, 100);
                Arrays.fill(x, n + MARGIN, n + 2 * MARGIN, 100);
                x[at] = -7.25f;
                assertEquals(-7.25f, kernels.max(x, MARGIN, n), n + " values");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void expShiftedAndItsSumAgree(Kernels kernels) {
        for (int n : PRIMES) {
            float[] x = floats(n, 20);
            float[] before = x.clone();
            float sum = kernels.expShifted(x, MARGIN, n, 20);
            double expectedSum = 0;
            for (int i = MARGIN; i < MARGIN + n; i++) {
                double expected = Math.exp((double) (before[i] - 20f));
                assertEquals(expected, x[i], 3e-7 * expected, n + " values, " + before[i]);
                expectedSum += expected;
            }
            assertEquals(expectedSum, sum, (3e-7 + n * UNIT) * expectedSum, n + " values");
            assertMarginsKept(before, x, n);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void scaleMultipliesEveryValue(Kernels kernels) {
        for (int n : PRIMES) {
            float[] x = floats(n, 3);
            float[] before = x.clone();
            kernels.scale(x, MARGIN, n, 0.3f);
            for (int i = MARGIN; i < MARGIN + n; i++) {
                assertEquals(before[i] * 0.3f, x[i], n + " values, " + i);
            }
            assertMarginsKept(before, x, n);
        }
    }

    private static void assertMarginsKept(float[] before, float[] after, int n) {
        assertArrayEquals(Arrays.copyOf(before, MARGIN), Arrays.copyOf(after, MARGIN), "before " + n + " values");
        assertArrayEquals(Arrays.copyOfRange(before, MARGIN + n, before.length),
                Arrays.copyOfRange(after, MARGIN + n, after.length), "after " + n + " values");
    }

    /** Values between −range and range, with a margin on either side. */
    private float[] floats(int n, float range) {
        float[] values = new float[n + 2 * MARGIN];
        for (int i = 0; i < values.length; i++) {
            values[i] = (random.nextFloat() * 2 - 1) * range;
        }
        return values;
    }
}
