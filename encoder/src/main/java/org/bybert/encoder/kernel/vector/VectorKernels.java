package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;

import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.TileShape;

/** Kernels on {@code jdk.incubator.vector}; the arithmetic is that of {@code ScalarKernels}, in another order. */
public final class VectorKernels implements Kernels {

    private static final TileShape SHAPE = new TileShape(Multiply.OUTPUTS, Multiply.PANEL, Multiply.FETCHES);

    @Override
    public String name() {
        return "vector-" + FLOATS.vectorBitSize();
    }

    @Override
    public TileShape shape() {
        return SHAPE;
    }

    @Override
    public void multiply(float[] w, int wAt, int wStride, int groups, int inputs,
                         float[] x, int xAt, int xStride, int panels, float[] y, int yAt, int yStride, boolean add) {
        Multiply.multiply(w, wAt, wStride, groups, inputs, x, xAt, xStride, panels, y, yAt, yStride, add);
    }

    @Override
    public void widen(int[] bf16, int at, int count, float[] out, int outAt) {
        Bf16Widen.widen(bf16, at, count, out, outAt);
    }

    @Override
    public void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        RmsNorm.rmsNorm(x, xAt, n, weight, epsilon, y, yAt);
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] angles, int anglesAt, float scale) {
        Rotate.rotate(x, at, half, angles, anglesAt, scale);
    }

    @Override
    public void swiGlu(float[] gate, int gateAt, float[] up, int upAt, float[] y, int yAt, int n) {
        SwiGlu.swiGlu(gate, gateAt, up, upAt, y, yAt, n);
    }

    @Override
    public void softmax(float[] scores, int at, int keys, float[] state, int stateAt) {
        Softmax.softmax(scores, at, keys, state, stateAt);
    }

    @Override
    public void scale(float[] x, int xAt, int rows, float[] factors, int factorsAt, float[] y, int yAt) {
        Scale.scale(x, xAt, rows, factors, factorsAt, y, yAt);
    }
}
