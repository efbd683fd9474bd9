package org.bybert.encoder.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link PackedMatrix#multiply} against sums in double precision, at sizes around every group, panel and part. */
class MultiplyTest {

    private static final int[] SIZES = {1, 2, 3, 7, 12, 13, 17, 49, 97, 257};
    private static final int[] TOKENS = {1, 16, 33, 65};
    private static final int[] MANY_INPUTS = {767, 768, 769, 1024, 1537};
    private static final float OLD = 0.625f;
    /** Half a unit in the last place: the error of one rounding. */
    private static final double UNIT = 0x1p-24;

    private final Random random = new Random(11);

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void everySizeAgreesWithDoublePrecision(Kernels kernels) {
        for (int inputs : SIZES) {
            for (int outputs : SIZES) {
                check(kernels, inputs, outputs, TOKENS);
            }
        }
        for (int inputs : MANY_INPUTS) {
            check(kernels, inputs, 25, new int[] {1, 65});
        }
    }

    private void check(Kernels kernels, int inputs, int outputs, int[] tokens) {
        float[] w = floats(outputs * inputs);
        float[] bias = floats(outputs);
        int most = tokens[tokens.length - 1];
        float[] x = floats(most * inputs);
        double[] sums = new double[most * outputs];
        double[] sizes = new double[most * outputs];
        reference(x, w, outputs, inputs, sums, sizes);
        for (boolean narrow : new boolean[] {false, true}) {
            PackedMatrix plain = pack(kernels, w, outputs, inputs, null, narrow);
            PackedMatrix biased = pack(kernels, w, outputs, inputs, bias, narrow);
            for (int rows : tokens) {
                check(kernels, x, plain, rows, null, false, sums, sizes);
                check(kernels, x, plain, rows, null, true, sums, sizes);
                check(kernels, x, biased, rows, bias, false, sums, sizes);
                check(kernels, x, biased, rows, bias, true, sums, sizes);
            }
        }
    }

    private static void check(
            Kernels kernels,
            float[] x,
            PackedMatrix w,
            int tokens,
            float[] bias,
            boolean add,
            double[] sums,
            double[] sizes) {
        float[] y = multiply(kernels, x, w, tokens, add);
        for (int i = 0; i < y.length; i++) {
            double start = (bias == null ? 0 : bias[i % w.outputs()]) + (add ? OLD : 0);
            // The bound for a sum of this many products in any order, rounded after each step.
            double tolerance = (w.inputs() + 4) * UNIT * (sizes[i] + Math.abs(start) + OLD);
            if (!(Math.abs(y[i] - start - sums[i]) <= tolerance)) {
                assertEquals(
                        start + sums[i],
                        y[i],
                        tolerance,
                        w.inputs() + " inputs, " + w.outputs() + " outputs, " + tokens + " tokens, bias "
                                + (bias != null) + ", add " + add + ": " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void aTokensBitsAreTheSameAmongAnyNumberOfTokens(Kernels kernels) {
        int most = 75;
        for (int inputs : new int[] {1, 17, 256, 769}) {
            for (int outputs : new int[] {1, 13, 97}) {
                PackedMatrix w = pack(kernels, floats(outputs * inputs), outputs, inputs, floats(outputs), false);
                float[] x = floats(most * inputs);
                float[][] alone = new float[most][];
                for (int token = 0; token < most; token++) {
                    alone[token] =
                            multiply(kernels, Arrays.copyOfRange(x, token * inputs, (token + 1) * inputs), w, 1, true);
                }
                for (int first = 0; first < 5; first++) {
                    float[] together =
                            multiply(kernels, Arrays.copyOfRange(x, first * inputs, x.length), w, most - first, true);
                    for (int i = 0; i < together.length; i++) {
                        if (Float.floatToRawIntBits(together[i])
                                != Float.floatToRawIntBits(alone[first + i / outputs][i % outputs])) {
                            fail(inputs + " inputs, " + outputs + " outputs, token " + (first + i / outputs));
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void weightsHeldAsBfloat16GiveTheBitsOfTheSameWeightsHeldAsFloats(Kernels kernels) {
        for (int inputs : new int[] {1, 5, 64, 769, 3072}) {
            float[] x = floats(33 * inputs);
            float[] w = floats(49 * inputs);
            assertArrayEquals(
                    multiply(kernels, x, pack(kernels, w, 49, inputs, null, false), 33, false),
                    multiply(kernels, x, pack(kernels, w, 49, inputs, null, true), 33, false),
                    inputs + " inputs");
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void someGroupsAreThoseOfTheWholeProduct(Kernels kernels) {
        TileShape shape = kernels.shape();
        PackedMatrix w = pack(kernels, floats(300 * 40), 300, 40, floats(300), false);
        float[] rows = floats(70 * 40);
        float[] whole = multiply(kernels, rows, w, 70, false);
        Panels x = PanelsOf.of(shape, rows, 0, 40, 70, 40);
        Panels y = new Panels(shape, 300);
        y.reserve(70);
        float[] scratch = new float[w.scratchSize()];
        int middle = w.groups() / 2;
        w.multiply(kernels, middle, w.groups(), x, 0, shape.panels(70), y, 0, middle * shape.outputs(), false, scratch);
        w.multiply(kernels, 0, middle, x, 0, shape.panels(70), y, 0, 0, false, scratch);
        assertArrayEquals(whole, PanelsOf.rows(y, 70, 300));
    }

    private static float[] multiply(Kernels kernels, float[] x, PackedMatrix w, int tokens, boolean add) {
        TileShape shape = kernels.shape();
        float[] old = new float[tokens * w.outputs()];
        Arrays.fill(old, OLD);
        Panels y = PanelsOf.of(shape, old, 0, w.outputs(), tokens, w.outputs());
        w.multiply(
                kernels,
                0,
                w.groups(),
                PanelsOf.of(shape, x, 0, w.inputs(), tokens, w.inputs()),
                0,
                shape.panels(tokens),
                y,
                0,
                0,
                add,
                new float[w.scratchSize()]);
        return PanelsOf.rows(y, tokens, w.outputs());
    }

    /** For as many tokens as there are: each sum of products, and the same of their absolute values. */
    private static void reference(float[] x, float[] w, int outputs, int inputs, double[] sums, double[] sizes) {
        for (int at = 0; at < sums.length; at++) {
            int xAt = at / outputs * inputs;
            int wAt = at % outputs * inputs;
            for (int i = 0; i < inputs; i++) {
                double product = (double) x[xAt + i] * w[wAt + i];
                sums[at] += product;
                sizes[at] += Math.abs(product);
            }
        }
    }

    private static PackedMatrix pack(
            Kernels kernels, float[] w, int outputs, int inputs, float[] bias, boolean narrow) {
        return PackedMatrix.of(
                kernels.shape(),
                outputs,
                inputs,
                bias,
                narrow,
                (row, output) -> System.arraycopy(w, output * inputs, row, 0, inputs));
    }

    /** Values that are the same as bfloat16. */
    private float[] floats(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = Float.intBitsToFloat(Float.floatToRawIntBits(random.nextFloat() * 2 - 1) & 0xffff0000);
        }
        return values;
    }
}
