package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Multiply.PANEL;
import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Root-mean-square norm of a panel, a token per lane. Squares are summed in four chains, by feature modulo four, to
 * cover the latency of an addition. Square root and quotient are the correctly rounded ones of IEEE 754: relative error
 * of the norm of one value at most six roundings (3.6e-7).
 */
final class RmsNorm {

    private RmsNorm() {
    }

    static void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            rmsNormOfVector(x, xAt + lane, n, weight, epsilon, y, yAt + lane);
        }
    }

    private static void rmsNormOfVector(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        int i = 0;
        for (; i < n - 3; i += 4) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL);
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL + PANEL);
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL + 2 * PANEL);
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL + 3 * PANEL);
            s0 = v0.fma(v0, s0);
            s1 = v1.fma(v1, s1);
            s2 = v2.fma(v2, s2);
            s3 = v3.fma(v3, s3);
        }
        for (; i < n; i++) {
            FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i * PANEL);
            s0 = v.fma(v, s0);
        }
        FloatVector mean = s0.add(s1).add(s2.add(s3)).div(n);
        FloatVector factor = FloatVector.broadcast(FLOATS, 1f).div(mean.add(epsilon).sqrt());
        for (i = 0; i < n; i++) {
            FloatVector.fromArray(FLOATS, x, xAt + i * PANEL).mul(factor).mul(weight[i])
                    .intoArray(y, yAt + i * PANEL);
        }
    }
}
