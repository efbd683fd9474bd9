package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Multiply.PANEL;
import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * One step of a running softmax over the keys of a panel of scores, a query per lane. Relative error of an exponential
 * at most 3e-7, see {@link Exp}.
 */
final class Softmax {

    private Softmax() {
    }

    static void softmax(float[] scores, int at, int keys, float[] state, int stateAt) {
        int sums = stateAt + PANEL;
        int factors = stateAt + 2 * PANEL;
        int newSums = stateAt + 3 * PANEL;
        max(scores, at, keys, state, stateAt, factors);
        exp(state, factors, 1, state, stateAt, newSums);
        exp(scores, at, keys, state, stateAt, newSums);
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector.fromArray(FLOATS, state, sums + lane)
                    .fma(FloatVector.fromArray(FLOATS, state, factors + lane),
                            FloatVector.fromArray(FLOATS, state, newSums + lane))
                    .intoArray(state, sums + lane);
        }
    }

    /**
     * Brings the maxima up to date and keeps the old ones. Bits whose lower 31 are flipped where the sign is set have
     * the order of the floats; an integer maximum is one instruction, a float maximum six, because of NaN and signed
     * zeros.
     */
    private static void max(float[] scores, int at, int keys, float[] maxima, int maxAt, int oldAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector before = FloatVector.fromArray(FLOATS, maxima, maxAt + lane);
            before.intoArray(maxima, oldAt + lane);
            IntVector max = before.reinterpretAsInts();
            max = max.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE).lanewise(VectorOperators.XOR, max);
            for (int key = 0; key < keys; key++) {
                IntVector bits = FloatVector.fromArray(FLOATS, scores, at + lane + key * PANEL).reinterpretAsInts();
                max = max.max(bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE)
                        .lanewise(VectorOperators.XOR, bits));
            }
            max.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE).lanewise(VectorOperators.XOR, max)
                    .reinterpretAsFloats().intoArray(maxima, maxAt + lane);
        }
    }

    /** {@code x = exp(x − max)} for {@code x ≤ max}, and the sums over the rows. The arithmetic is that of Exp.exp. */
    private static void exp(float[] x, int at, int rows, float[] state, int maxAt, int sumsAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector max = FloatVector.fromArray(FLOATS, state, maxAt + lane);
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int row = 0; row < rows; row++) {
                FloatVector v = max.sub(FloatVector.fromArray(FLOATS, x, at + lane + row * PANEL));
                v = v.reinterpretAsInts().min(Exp.LIMIT_BITS).or(Integer.MIN_VALUE).reinterpretAsFloats();
                FloatVector shifted = v.fma(FloatVector.broadcast(FLOATS, Exp.LOG2_E),
                        FloatVector.broadcast(FLOATS, Exp.ROUNDER));
                FloatVector n = shifted.sub(Exp.ROUNDER);
                FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_HIGH), v);
                r = n.fma(FloatVector.broadcast(FLOATS, -Exp.LN2_LOW), r);
                FloatVector p = r.fma(FloatVector.broadcast(FLOATS, Exp.C5), FloatVector.broadcast(FLOATS, Exp.C4));
                p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C3));
                p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C2));
                p = p.fma(r, FloatVector.broadcast(FLOATS, Exp.C1));
                p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
                p = p.reinterpretAsInts().add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                        .reinterpretAsFloats();
                p.intoArray(x, at + lane + row * PANEL);
                sum = sum.add(p);
            }
            sum.intoArray(state, sumsAt + lane);
        }
    }
}
