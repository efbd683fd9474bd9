package org.bybert.encoder.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel on one panel, scalar and vector, against double precision at lengths that leave a tail. */
class KernelAgreementTest {

    private static final int[] PRIMES = {1, 2, 3, 5, 7, 11, 13, 17, 19, 31, 37, 61, 127, 193, 257, 509, 769, 1031};
    private static final int MARGIN = 3;
    /** Half a unit in the last place: the error of one rounding. */
    private static final double UNIT = 0x1p-24;

    private final Random random = new Random(13);

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void rmsNormDividesByTheRootOfTheMeanSquare(Kernels kernels) {
        int width = kernels.shape().panel();
        for (int n : PRIMES) {
            float[] x = floats(n * width, 3);
            float[] weight = Arrays.copyOfRange(floats(n, 2), MARGIN, MARGIN + n);
            float[] y = floats(n * width, 1);
            float[] before = y.clone();
            kernels.rmsNorm(x, MARGIN, n, weight, 1e-3f, y, MARGIN);
            for (int t = 0; t < width; t++) {
                double squares = 0;
                for (int i = 0; i < n; i++) {
                    squares += (double) x[MARGIN + i * width + t] * x[MARGIN + i * width + t];
                }
                for (int i = 0; i < n; i++) {
                    double expected = x[MARGIN + i * width + t] / Math.sqrt(squares / n + 1e-3f) * weight[i];
                    assertEquals(
                            expected,
                            y[MARGIN + i * width + t],
                            (n + 8) * UNIT * Math.abs(expected),
                            n + " values, " + i);
                }
            }
            assertMarginsKept(before, y, n * width);
            kernels.rmsNorm(x, MARGIN, n, weight, 1e-3f, x, MARGIN);
            assertArrayEquals(
                    Arrays.copyOfRange(y, MARGIN, MARGIN + n * width),
                    Arrays.copyOfRange(x, MARGIN, MARGIN + n * width),
                    "in place, " + n + " values");
        }
    }

    /** One value per token, so that nothing but the reciprocal root is in question: six roundings. */
    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void reciprocalRootIsExactToSixRoundingsOverTheWholeRange(Kernels kernels) {
        int width = kernels.shape().panel();
        float[] x = new float[width];
        float[] y = new float[width];
        int values = 400_000;
        for (int first = 0; first < values; first += width) {
            for (int t = 0; t < width; t++) {
                x[t] = (float) Math.pow(10, -18 + 36.0 * (first + t) / values);
            }
            kernels.rmsNorm(x, 0, 1, new float[] {1}, 1e-6f, y, 0);
            for (int t = 0; t < width; t++) {
                double expected = x[t] / Math.sqrt((double) x[t] * x[t] + 1e-6f);
                double tolerance = 6 * UNIT * expected;
                if (!(Math.abs(expected - y[t]) <= tolerance)) {
                    assertEquals(expected, y[t], tolerance, "norm of " + x[t]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void rmsNormOfZerosIsZero(Kernels kernels) {
        int size = 37 * kernels.shape().panel();
        float[] y = floats(size, 1);
        kernels.rmsNorm(new float[size], 0, 37, new float[37], 1e-6f, y, 0);
        assertArrayEquals(new float[size], Arrays.copyOf(y, size));
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void rotateTurnsPairsHalfAHeadApart(Kernels kernels) {
        for (int half : new int[] {1, 2, 3, 5, 32, 37}) {
            int size = half * kernels.shape().panel();
            float[] x = floats(2 * size, 3);
            float[] before = x.clone();
            float[] angles = floats(2 * size, 1);
            float scale = 0.37f;
            kernels.rotate(x, MARGIN, half, angles, MARGIN, scale);
            for (int i = MARGIN; i < MARGIN + size; i++) {
                double a = before[i];
                double b = before[size + i];
                double cosine = angles[i];
                double sine = angles[size + i];
                double tolerance = 4 * UNIT * (Math.abs(a) + Math.abs(b)) * scale;
                assertEquals((a * cosine - b * sine) * scale, x[i], tolerance, half + " pairs, first of " + i);
                assertEquals((b * cosine + a * sine) * scale, x[size + i], tolerance, half + " pairs, second of " + i);
            }
            assertMarginsKept(before, x, 2 * size);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void swiGluGatesBySiluOfTheGateOverTheWholeRange(Kernels kernels) {
        int n = 100 * kernels.shape().panel();
        for (int part = 0; part < 3000; part++) {
            float[] gate = new float[n + 2 * MARGIN];
            float[] up = floats(n, 3);
            for (int i = 0; i < n; i++) {
                gate[MARGIN + i] = (float) (-87 + 174.0 * (part * (double) n + i) / (3000.0 * n));
            }
            float[] y = floats(n, 1);
            float[] before = y.clone();
            kernels.swiGlu(gate, MARGIN, up, MARGIN, y, MARGIN, n);
            for (int i = MARGIN; i < MARGIN + n; i += part % 7 + 1) {
                double expected = gate[i] / (1 + Math.exp(-(double) gate[i])) * up[i];
                double tolerance = 6e-7 * Math.abs(expected) + Float.MIN_VALUE;
                if (!(Math.abs(expected - y[i]) <= tolerance)) {
                    assertEquals(expected, y[i], tolerance, "gate " + gate[i]);
                }
            }
            assertMarginsKept(before, y, n);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void swiGluOfExtremeGatesStaysFinite(Kernels kernels) {
        int half = kernels.shape().panel();
        float[] gate = new float[2 * half];
        float[] up = new float[2 * half];
        Arrays.fill(up, 1);
        Arrays.fill(gate, 0, half, -1e6f);
        Arrays.fill(gate, half, 2 * half, 1e6f);
        kernels.swiGlu(gate, 0, up, 0, gate, 0, 2 * half);
        for (int i = 0; i < 2 * half; i++) {
            assertEquals(i < half ? 0 : 1e6f, gate[i], 1e-6, "value " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void softmaxLeavesExponentialsMaximaAndSums(Kernels kernels) {
        int width = kernels.shape().panel();
        for (int keys : PRIMES) {
            float[] scores = floats(keys * width, 20);
            float[] before = scores.clone();
            float[] state = new float[4 * width];
            for (int t = 0; t < width; t++) {
                state[t] = t % 3 == 0 ? -Float.MAX_VALUE : t % 3 == 1 ? 25 : -3;
                state[width + t] = t % 3 == 0 ? 0 : 7;
            }
            float[] old = state.clone();
            kernels.softmax(scores, MARGIN, keys, state, 0);
            for (int t = 0; t < width; t++) {
                float max = old[t];
                for (int key = 0; key < keys; key++) {
                    max = Math.max(max, before[MARGIN + key * width + t]);
                }
                assertEquals(max, state[t]);
                double factor = Math.exp((double) (old[t] - max));
                assertEquals(factor, state[2 * width + t], 3e-7 * factor + 2e-38);
                double sum = 0;
                for (int key = 0; key < keys; key++) {
                    int at = MARGIN + key * width + t;
                    double expected = Math.exp((double) (before[at] - max));
                    assertEquals(expected, scores[at], 3e-7 * expected, keys + " keys, " + before[at]);
                    sum += expected;
                }
                sum += factor * old[width + t];
                assertEquals(sum, state[width + t], (6e-7 + keys * UNIT) * sum, keys + " keys");
            }
            assertMarginsKept(before, scores, keys * width);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void softmaxExponentialsHoldOverTheWholeRange(Kernels kernels) {
        int width = kernels.shape().panel();
        int keys = 1000;
        float[] scores = new float[keys * width];
        for (int part = 0; part < 4000 / width; part++) {
            float[] state = new float[4 * width];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) (-87 * ((double) part * scores.length + i) / (4000.0 / width * scores.length));
            }
            float[] before = scores.clone();
            kernels.softmax(scores, 0, keys, state, 0);
            for (int i = 0; i < scores.length; i++) {
                double expected = Math.exp(before[i]);
                if (!(Math.abs(expected - scores[i]) <= 3e-7 * expected)) {
                    assertEquals(expected, scores[i], 3e-7 * expected, "exp(" + before[i] + ")");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void scaleMultipliesEveryTokenByItsFactor(Kernels kernels) {
        int width = kernels.shape().panel();
        for (int rows : new int[] {1, 2, 7, 64}) {
            float[] x = floats(rows * width, 3);
            float[] before = x.clone();
            float[] factors = floats(width, 2);
            kernels.scale(x, MARGIN, rows, factors, MARGIN, x, MARGIN);
            for (int i = 0; i < rows * width; i++) {
                assertEquals(before[MARGIN + i] * factors[MARGIN + i % width], x[MARGIN + i], rows + " rows, " + i);
            }
            assertMarginsKept(before, x, rows * width);
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void everyBfloat16IsWidenedToItself(Kernels kernels) {
        float[] values = new float[1 << 16];
        for (int i = 0; i < values.length; i++) {
            float value = Float.intBitsToFloat(i << 16);
            values[i] = Float.isFinite(value) ? value : 0;
        }
        int[] narrow = new int[values.length / 2];
        PackedMatrix.narrow(values, narrow, 0);
        float[] wide = new float[values.length + 2 * MARGIN];
        kernels.widen(narrow, 0, values.length, wide, MARGIN);
        for (int i = 0; i < values.length; i++) {
            assertEquals(Float.floatToRawIntBits(values[i]), Float.floatToRawIntBits(wide[MARGIN + i]), "value " + i);
        }
    }

    private static void assertMarginsKept(float[] before, float[] after, int n) {
        assertArrayEquals(Arrays.copyOf(before, MARGIN), Arrays.copyOf(after, MARGIN), "before " + n + " values");
        assertArrayEquals(
                Arrays.copyOfRange(before, MARGIN + n, before.length),
                Arrays.copyOfRange(after, MARGIN + n, after.length),
                "after " + n + " values");
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
