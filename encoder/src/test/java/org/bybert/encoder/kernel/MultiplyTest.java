package org.bybert.encoder.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link Kernels#multiply} against sums in double precision, at sizes around every panel, tile and block. */
class MultiplyTest {

    private static final int[] SIZES = {1, 2, 3, 5, 7, 15, 16, 17, 31, 47, 48, 49, 97, 255, 257, 300};
    private static final int MARGIN = 5;
    private static final float GUARD = 12345.678f;
    private static final float OLD = 0.625f;
    /** Half a unit in the last place: the error of one rounding. */
    private static final double UNIT = 0x1p-24;

    private final Random random = new Random(11);

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void everySizeAgreesWithDoublePrecisionAndWritesNothingElse(Kernels kernels) {
        for (int inputs : SIZES) {
            for (int outputs : SIZES) {
                float[] w = floats(outputs * inputs);
                float[] bias = floats(outputs);
                PackedMatrix plain = pack(kernels, w, outputs, inputs, null);
                PackedMatrix biased = pack(kernels, w, outputs, inputs, bias);
                int most = SIZES[SIZES.length - 1];
                float[] x = floats(MARGIN + most * (inputs + 3));
                double[] sums = new double[most * outputs];
                double[] sizes = new double[most * outputs];
                reference(x, w, outputs, inputs, sums, sizes);
                for (int rows : SIZES) {
                    check(kernels, x, plain, rows, null, false, sums, sizes);
                    check(kernels, x, plain, rows, null, true, sums, sizes);
                    check(kernels, x, biased, rows, bias, false, sums, sizes);
                    check(kernels, x, biased, rows, bias, true, sums, sizes);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void aRowsBitsAreTheSameAmongAnyNumberOfRows(Kernels kernels) {
        int most = 26;
        for (int inputs : new int[] {1, 17, 255, 256, 257, 600}) {
            for (int outputs : SIZES) {
                PackedMatrix w = pack(kernels, floats(outputs * inputs), outputs, inputs, floats(outputs));
                float[] x = floats(most * inputs);
                float[] alone = new float[most * outputs];
                for (int row = 0; row < most; row++) {
                    kernels.multiply(x, row * inputs, inputs, 1, w, alone, row * outputs, outputs, false);
                }
                for (int first = 0; first < 5; first++) {
                    for (int rows = 1; rows <= most - first; rows++) {
                        float[] together = new float[rows * outputs];
                        kernels.multiply(x, first * inputs, inputs, rows, w, together, 0, outputs, false);
                        for (int i = 0; i < together.length; i++) {
                            if (Float.floatToRawIntBits(together[i])
                                    != Float.floatToRawIntBits(alone[first * outputs + i])) {
                                fail(inputs + " inputs, " + outputs + " outputs, row " + (first + i / outputs)
                                        + " among " + rows + " rows from " + first);
                            }
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.kernel.BothKernels#all")
    void matricesPackedFromRowsAndFromColumnsOfAnotherAreTheSame(Kernels kernels) {
        PackedMatrix rows = new PackedMatrix(kernels.panelWidths());
        PackedMatrix columns = new PackedMatrix(kernels.panelWidths());
        int stride = 310;
        float[] source = floats(stride * 300);
        // From large to small, as a workspace reuses them: what is left of the larger matrix must not matter.
        for (int s = SIZES.length - 1; s >= 0; s--) {
            int outputs = SIZES[s];
            int inputs = SIZES[SIZES.length - 1 - s];
            float[] x = floats(inputs);
            float[] fromRows = new float[outputs];
            float[] fromColumns = new float[outputs];
            rows.packRows(source, MARGIN, stride, outputs, inputs);
            columns.packColumns(source, MARGIN, stride, outputs, inputs);
            kernels.multiply(x, 0, inputs, 1, rows, fromRows, 0, outputs, false);
            kernels.multiply(x, 0, inputs, 1, columns, fromColumns, 0, outputs, false);
            for (int o = 0; o < outputs; o++) {
                double byRows = 0;
                double byColumns = 0;
                for (int i = 0; i < inputs; i++) {
                    byRows += (double) x[i] * source[MARGIN + o * stride + i];
                    byColumns += (double) x[i] * source[MARGIN + i * stride + o];
                }
                assertEquals(byRows, fromRows[o], 1e-4, outputs + " rows of " + inputs);
                assertEquals(byColumns, fromColumns[o], 1e-4, outputs + " columns of " + inputs);
            }
        }
    }

    private static void check(Kernels kernels, float[] x, PackedMatrix w, int rows, float[] bias, boolean add,
                              double[] sums, double[] sizes) {
        int outputs = w.outputs();
        int yStride = outputs + MARGIN;
        float[] y = new float[MARGIN + rows * yStride];
        for (int i = 0; i < y.length; i++) {
            y[i] = i < MARGIN || (i - MARGIN) % yStride >= outputs ? GUARD : OLD;
        }
        kernels.multiply(x, MARGIN, w.inputs() + 3, rows, w, y, MARGIN, yStride, add);
        for (int i = 0; i < y.length; i++) {
            int row = (i - MARGIN) / yStride;
            int output = (i - MARGIN) % yStride;
            boolean guarded = i < MARGIN || output >= outputs;
            double start = guarded ? GUARD : (bias == null ? 0 : bias[output]) + (add ? OLD : 0);
            double expected = guarded ? start : start + sums[row * outputs + output];
            // The bound for a sum of this many products in any order, rounded after each step.
            double tolerance = guarded ? 0
                    : (w.inputs() + 3) * UNIT * (sizes[row * outputs + output] + Math.abs(start) + OLD);
            if (!(Math.abs(y[i] - expected) <= tolerance)) {
                assertEquals(expected, y[i], tolerance, w.inputs() + " inputs, " + outputs + " outputs, " + rows
                        + " rows, bias " + (bias != null) + ", add " + add + ": row " + row + " output " + output);
            }
        }
    }

    /** For as many rows as there are: each sum of products, and the same of their absolute values. */
    private static void reference(float[] x, float[] w, int outputs, int inputs, double[] sums, double[] sizes) {
        for (int at = 0; at < sums.length; at++) {
            int xAt = MARGIN + at / outputs * (inputs + 3);
            int wAt = at % outputs * inputs;
            double sum = 0;
            double size = 0;
            for (int i = 0; i < inputs; i++) {
                double product = (double) x[xAt + i] * w[wAt + i];
                sum += product;
                size += Math.abs(product);
            }
            sums[at] = sum;
            sizes[at] = size;
        }
    }

    private static PackedMatrix pack(Kernels kernels, float[] w, int outputs, int inputs, float[] bias) {
        return PackedMatrix.of(kernels.panelWidths(), outputs, inputs, bias,
                (output, out, at) -> System.arraycopy(w, output * inputs, out, at, inputs));
    }

    private float[] floats(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }
}
