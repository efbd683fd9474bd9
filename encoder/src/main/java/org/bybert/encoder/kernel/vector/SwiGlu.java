package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code silu(gate) · up} with {@code silu(g) = g / (1 + exp(−g))}: relative error at most 6e-7, that of {@link Exp} and
 * four roundings; below −87, where exp is clamped, silu is below 1e-34 in size instead of smaller still.
 */
final class SwiGlu {

    private SwiGlu() {
    }

    static void swiGlu(float[] gate, int gateAt, float[] up, int upAt, float[] y, int yAt, int n) {
        for (int i = 0; i < n; i += LANES) {
            FloatVector g = FloatVector.fromArray(FLOATS, gate, gateAt + i);
            IntVector bits = g.neg().reinterpretAsInts();
            FloatVector v = bits.and(Integer.MAX_VALUE).min(Exp.LIMIT_BITS).or(bits.and(Integer.MIN_VALUE))
                    .reinterpretAsFloats();
            FloatVector shifted = v.fma(FloatVector.broadcast(FLOATS, Exp.LOG2_E),
                    FloatVector.broadcast(FLOATS, Exp.ROUNDER));
            FloatVector k = shifted.sub(Exp.ROUNDER);
            FloatVector r = k.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_HIGH), v);
            r = k.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_LOW), r);
            FloatVector p = r.fma(FloatVector.broadcast(FLOATS, Exp.C5), FloatVector.broadcast(FLOATS, Exp.C4));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C3));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C2));
            p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C1));
            p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
            p = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats();
            g.div(p.add(1)).mul(FloatVector.fromArray(FLOATS, up, upAt + i)).intoArray(y, yAt + i);
        }
    }
}
