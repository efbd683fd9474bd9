package org.bybert.encoder.kernel;

import java.util.Arrays;

/** The readable definition of every kernel, in plain Java loops that the JIT compiler can vectorise by itself. */
public final class ScalarKernels implements Kernels {

    /** Long enough for the JIT compiler's own vector loops, short enough for a sentence not to drown in padding. */
    private static final int PANEL = 64;
    /** Outputs that share the copying of a row. */
    private static final TileShape SHAPE = new TileShape(8, PANEL, false);
    /** Inputs taken at a time, so that sums pass through memory less often. */
    private static final int STEP = 4;

    /**
     * Rows of a product, each in an array of its own and from index 0: the JIT compiler vectorises a loop only where it
     * sees that what is written is not read, which it does not for one array at two offsets.
     */
    private record Rows(float[][] x, float[][] sums) {
        private static final ThreadLocal<Rows> OF_THREAD =
                ThreadLocal.withInitial(() -> new Rows(new float[STEP][PANEL], new float[SHAPE.outputs()][PANEL]));
    }

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public TileShape shape() {
        return SHAPE;
    }

    @Override
    public void multiply(
            float[] w,
            int wAt,
            int wStride,
            int groups,
            int inputs,
            float[] x,
            int xAt,
            int xStride,
            int panels,
            float[] y,
            int yAt,
            int yStride,
            boolean add) {
        int width = SHAPE.outputs();
        Rows rows = Rows.OF_THREAD.get();
        for (int panel = 0; panel < panels; panel++) {
            for (int group = 0; group < groups; group++) {
                int at = yAt + panel * yStride + group * width * PANEL;
                for (int output = 0; output < width; output++) {
                    if (add) {
                        System.arraycopy(y, at + output * PANEL, rows.sums[output], 0, PANEL);
                    } else {
                        Arrays.fill(rows.sums[output], 0);
                    }
                }
                addProduct(w, wAt + group * wStride, inputs, x, xAt + panel * xStride, rows);
                for (int output = 0; output < width; output++) {
                    System.arraycopy(rows.sums[output], 0, y, at + output * PANEL, PANEL);
                }
            }
        }
    }

    /** The last step of inputs that are not whole steps has rows and weights of zero. */
    private static void addProduct(float[] w, int wAt, int inputs, float[] x, int xAt, Rows rows) {
        int width = SHAPE.outputs();
        float[][] r = rows.x;
        for (int i = 0; i < inputs; i += STEP) {
            boolean whole = i + STEP <= inputs;
            for (int n = 0; n < STEP; n++) {
                if (i + n < inputs) {
                    System.arraycopy(x, xAt + (i + n) * PANEL, r[n], 0, PANEL);
                } else {
                    Arrays.fill(r[n], 0);
                }
            }
            for (int output = 0; output < width; output++) {
                int at = wAt + i * width + output;
                addRows(
                        w[at],
                        w[at + width],
                        whole ? w[at + 2 * width] : 0,
                        whole ? w[at + 3 * width] : 0,
                        r[0],
                        r[1],
                        r[2],
                        r[3],
                        rows.sums[output]);
            }
        }
    }

    private static void addRows(
            float w0, float w1, float w2, float w3, float[] x0, float[] x1, float[] x2, float[] x3, float[] sum) {
        for (int t = 0; t < PANEL; t++) {
            sum[t] = sum[t] + w0 * x0[t] + w1 * x1[t] + w2 * x2[t] + w3 * x3[t];
        }
    }

    @Override
    public void widen(int[] bf16, int at, int count, float[] out, int outAt) {
        int half = PackedMatrix.BLOCK / 2;
        for (int block = outAt; block < outAt + count; block += PackedMatrix.BLOCK, at += half) {
            for (int i = 0; i < half; i++) {
                out[block + i] = Float.intBitsToFloat(bf16[at + i] & 0xffff0000);
                out[block + half + i] = Float.intBitsToFloat(bf16[at + i] << 16);
            }
        }
    }

    @Override
    public void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        for (int t = 0; t < PANEL; t++) {
            float squares = 0;
            for (int i = 0, at = xAt + t; i < n; i++, at += PANEL) {
                squares += x[at] * x[at];
            }
            float factor = (float) (1 / Math.sqrt(squares / n + epsilon));
            for (int i = 0, at = t; i < n; i++, at += PANEL) {
                y[yAt + at] = x[xAt + at] * factor * weight[i];
            }
        }
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] angles, int anglesAt, float scale) {
        int second = half * PANEL;
        for (int i = 0; i < half * PANEL; i++) {
            float cosine = angles[anglesAt + i] * scale;
            float sine = angles[anglesAt + second + i] * scale;
            float a = x[at + i];
            float b = x[at + second + i];
            x[at + i] = a * cosine - b * sine;
            x[at + second + i] = b * cosine + a * sine;
        }
    }

    @Override
    public void swiGlu(float[] gate, int gateAt, float[] up, int upAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i++) {
            float g = gate[gateAt + i];
            y[yAt + i] = (float) (g / (1 + Math.exp(-g))) * up[upAt + i];
        }
    }

    @Override
    public void softmax(float[] scores, int at, int keys, float[] state, int stateAt) {
        for (int t = 0; t < PANEL; t++) {
            float before = state[stateAt + t];
            float max = before;
            for (int key = 0; key < keys; key++) {
                max = Math.max(max, scores[at + key * PANEL + t]);
            }
            float factor = (float) Math.exp(before - max);
            float sum = 0;
            for (int key = 0; key < keys; key++) {
                float e = (float) Math.exp(scores[at + key * PANEL + t] - max);
                scores[at + key * PANEL + t] = e;
                sum += e;
            }
            state[stateAt + t] = max;
            state[stateAt + PANEL + t] = state[stateAt + PANEL + t] * factor + sum;
            state[stateAt + 2 * PANEL + t] = factor;
        }
    }

    @Override
    public void scale(float[] x, int xAt, int rows, float[] factors, int factorsAt, float[] y, int yAt) {
        for (int row = 0; row < rows * PANEL; row += PANEL) {
            for (int t = 0; t < PANEL; t++) {
                y[yAt + row + t] = x[xAt + row + t] * factors[factorsAt + t];
            }
        }
    }
}
