package org.bybert.encoder.kernel;

/** The readable definition of every kernel, in plain Java loops that the JIT compiler can vectorise by itself. */
public final class ScalarKernels implements Kernels {

    /** A panel of this many outputs is written to cache, not to memory, while its inputs pass by. */
    private static final int PANEL = 512;
    private static final PanelWidths WIDTHS = new PanelWidths(PANEL, 1);

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public PanelWidths panelWidths() {
        return WIDTHS;
    }

    @Override
    public void multiply(float[] x, int xAt, int xStride, int rows, PackedMatrix w, float[] y, int yAt, int yStride,
                         boolean add) {
        for (int row = 0; row < rows; row++) {
            w.startRow(y, yAt + row * yStride, add);
        }
        int width;
        for (int first = 0; first < w.outputs(); first += width) {
            width = w.widths().widthAt(first, w.outputs());
            for (int row = 0; row < rows; row++) {
                multiplyPanel(x, xAt + row * xStride, w.data(), first * w.inputs(), w.inputs(), width,
                        y, yAt + row * yStride + first);
            }
        }
    }

    private static void multiplyPanel(float[] x, int xAt, float[] w, int wAt, int inputs, int width,
                                      float[] y, int yAt) {
        for (int i = 0; i < inputs; i++, wAt += width) {
            float value = x[xAt + i];
            for (int j = 0; j < width; j++) {
                y[yAt + j] += value * w[wAt + j];
            }
        }
    }

    @Override
    public void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        float squares = 0;
        for (int i = 0; i < n; i++) {
            squares += x[xAt + i] * x[xAt + i];
        }
        float factor = (float) (1 / Math.sqrt(squares / n + epsilon));
        for (int i = 0; i < n; i++) {
            y[yAt + i] = x[xAt + i] * factor * weight[i];
        }
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] cosines, float[] sines, int tableAt, float scale) {
        for (int i = 0; i < half; i++) {
            float cosine = cosines[tableAt + i] * scale;
            float sine = sines[tableAt + i] * scale;
            float first = x[at + i];
            float second = x[at + half + i];
            x[at + i] = first * cosine - second * sine;
            x[at + half + i] = second * cosine + first * sine;
        }
    }

    @Override
    public void swiGlu(float[] gate, int gateAt, float[] up, int upAt, int n) {
        for (int i = 0; i < n; i++) {
            float g = gate[gateAt + i];
            gate[gateAt + i] = (float) (g / (1 + Math.exp(-g))) * up[upAt + i];
        }
    }

    @Override
    public float max(float[] x, int at, int n) {
        float max = x[at];
        for (int i = 1; i < n; i++) {
            max = Math.max(max, x[at + i]);
        }
        return max;
    }

    @Override
    public float expShifted(float[] x, int at, int n, float shift) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            float e = (float) Math.exp(x[at + i] - shift);
            x[at + i] = e;
            sum += e;
        }
        return sum;
    }

    @Override
    public void scale(float[] x, int at, int n, float factor) {
        for (int i = 0; i < n; i++) {
            x[at + i] *= factor;
        }
    }
}
