package org.bybert.encoder.kernel;

/** The readable definition of every kernel, in plain Java loops that the JIT compiler can vectorise by itself. */
public final class ScalarKernels implements Kernels {

    /** Long enough for the JIT compiler's own vector loops, short enough for a sentence not to drown in padding. */
    private static final int PANEL = 64;
    private static final TileShape SHAPE = new TileShape(4, PANEL);

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public TileShape shape() {
        return SHAPE;
    }

    @Override
    public void multiply(float[] w, int wAt, int wStride, int groups, int inputs,
                         float[] x, int xAt, int xStride, int panels, float[] y, int yAt, int yStride, boolean add) {
        int width = SHAPE.outputs();
        for (int panel = 0; panel < panels; panel++) {
            for (int output = 0; output < groups * width; output++) {
                multiplyOutput(w, wAt + output / width * wStride + output % width, inputs, x, xAt + panel * xStride,
                        y, yAt + panel * yStride + output * PANEL, add);
            }
        }
    }

    /** Two inputs at a time, since the number is even, so that half as many sums pass through memory. */
    private static void multiplyOutput(float[] w, int wAt, int inputs, float[] x, int xAt, float[] y, int yAt,
                                       boolean add) {
        int width = SHAPE.outputs();
        if (!add) {
            java.util.Arrays.fill(y, yAt, yAt + PANEL, 0f);
        }
        for (int i = 0; i < inputs; i += 2) {
            float w0 = w[wAt + i * width];
            float w1 = w[wAt + (i + 1) * width];
            int x0 = xAt + i * PANEL;
            int x1 = x0 + PANEL;
            for (int t = 0; t < PANEL; t++) {
                y[yAt + t] = y[yAt + t] + w0 * x[x0 + t] + w1 * x[x1 + t];
            }
        }
    }

    @Override
    public void widen(int[] bf16, int at, int count, float[] out, int outAt) {
        Bf16.widen(bf16, at, count, out, outAt);
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
