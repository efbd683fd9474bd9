package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.PanelWidths;

/** Kernels on {@code jdk.incubator.vector}; the arithmetic is that of {@code ScalarKernels}, in another order. */
public final class VectorKernels implements Kernels {

    private static final PanelWidths WIDTHS = new PanelWidths(Multiply.WIDE * LANES, LANES);

    @Override
    public String name() {
        return "vector-" + FLOATS.vectorBitSize();
    }

    @Override
    public PanelWidths panelWidths() {
        return WIDTHS;
    }

    @Override
    public void multiply(float[] x, int xAt, int xStride, int rows, PackedMatrix w, float[] y, int yAt, int yStride,
                         boolean add) {
        Multiply.multiply(x, xAt, xStride, rows, w, y, yAt, yStride, add);
    }

    @Override
    public void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        int bound = FLOATS.loopBound(n);
        FloatVector squares = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i);
            squares = v.fma(v, squares);
        }
        float sum = Species.sum(squares);
        for (int i = bound; i < n; i++) {
            sum += x[xAt + i] * x[xAt + i];
        }
        float factor = (float) (1 / Math.sqrt(sum / n + epsilon));
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xAt + i).mul(factor)
                    .mul(FloatVector.fromArray(FLOATS, weight, i)).intoArray(y, yAt + i);
        }
        for (int i = bound; i < n; i++) {
            y[yAt + i] = x[xAt + i] * factor * weight[i];
        }
    }

    @Override
    public void rotate(float[] x, int at, int half, float[] cosines, float[] sines, int tableAt, float scale) {
        int bound = FLOATS.loopBound(half);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector cosine = FloatVector.fromArray(FLOATS, cosines, tableAt + i).mul(scale);
            FloatVector sine = FloatVector.fromArray(FLOATS, sines, tableAt + i).mul(scale);
            FloatVector first = FloatVector.fromArray(FLOATS, x, at + i);
            FloatVector second = FloatVector.fromArray(FLOATS, x, at + half + i);
            first.mul(cosine).sub(second.mul(sine)).intoArray(x, at + i);
            second.mul(cosine).add(first.mul(sine)).intoArray(x, at + half + i);
        }
        for (int i = bound; i < half; i++) {
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
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateAt + i);
            FloatVector u = FloatVector.fromArray(FLOATS, up, upAt + i);
            g.div(Exp.exp(g.neg()).add(1)).mul(u).intoArray(gate, gateAt + i);
        }
        for (int i = bound; i < n; i++) {
            float g = gate[gateAt + i];
            gate[gateAt + i] = g / (Exp.exp(-g) + 1) * up[upAt + i];
        }
    }

    @Override
    public float max(float[] x, int at, int n) {
        int bound = FLOATS.loopBound(n);
        float max = x[at];
        if (bound > 0) {
            FloatVector largest = FloatVector.fromArray(FLOATS, x, at);
            for (int i = LANES; i < bound; i += LANES) {
                largest = largest.max(FloatVector.fromArray(FLOATS, x, at + i));
            }
            max = largest.reduceLanes(VectorOperators.MAX);
        }
        for (int i = bound; i < n; i++) {
            max = Math.max(max, x[at + i]);
        }
        return max;
    }

    @Override
    public float expShifted(float[] x, int at, int n, float shift) {
        int bound = FLOATS.loopBound(n);
        FloatVector sums = FloatVector.zero(FLOATS);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector e = Exp.exp(FloatVector.fromArray(FLOATS, x, at + i).sub(shift));
            e.intoArray(x, at + i);
            sums = sums.add(e);
        }
        float sum = Species.sum(sums);
        for (int i = bound; i < n; i++) {
            float e = Exp.exp(x[at + i] - shift);
            x[at + i] = e;
            sum += e;
        }
        return sum;
    }

    @Override
    public void scale(float[] x, int at, int n, float factor) {
        int bound = FLOATS.loopBound(n);
        for (int i = 0; i < bound; i += LANES) {
            FloatVector.fromArray(FLOATS, x, at + i).mul(factor).intoArray(x, at + i);
        }
        for (int i = bound; i < n; i++) {
            x[at + i] *= factor;
        }
    }
}
