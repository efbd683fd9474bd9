package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Multiply.PANEL;
import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.INTS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.bybert.encoder.kernel.Bf16;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.TileShape;

/** Kernels on {@code jdk.incubator.vector}; the arithmetic is that of {@code ScalarKernels}, in another order. */
public final class VectorKernels implements Kernels {

    private static final int HALF = Bf16.BLOCK / 2;
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
        // A bfloat16 is the upper half of the float of the same value.
        for (int i = 0; i < count / Bf16.BLOCK; i++) {
            for (int lane = 0; lane < HALF; lane += LANES) {
                IntVector pair = IntVector.fromArray(INTS, bf16, at + i * HALF + lane);
                pair.and(0xffff0000).reinterpretAsFloats().intoArray(out, outAt + i * Bf16.BLOCK + lane);
                pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats()
                        .intoArray(out, outAt + i * Bf16.BLOCK + HALF + lane);
            }
        }
    }

    @Override
    public void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        RmsNorm.rmsNorm(x, xAt, n, weight, epsilon, y, yAt);
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] angles, int anglesAt, float scale) {
        int second = half * PANEL;
        for (int i = 0; i < second; i += LANES) {
            FloatVector cosine = FloatVector.fromArray(FLOATS, angles, anglesAt + i).mul(scale);
            FloatVector sine = FloatVector.fromArray(FLOATS, angles, anglesAt + second + i).mul(scale);
            FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, at + second + i);
            a.mul(cosine).sub(b.mul(sine)).intoArray(x, at + i);
            b.mul(cosine).add(a.mul(sine)).intoArray(x, at + second + i);
        }
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
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector factor = FloatVector.fromArray(FLOATS, factors, factorsAt + lane);
            for (int row = 0; row < rows; row++) {
                FloatVector.fromArray(FLOATS, x, xAt + lane + row * PANEL).mul(factor)
                        .intoArray(y, yAt + lane + row * PANEL);
            }
        }
    }
}
