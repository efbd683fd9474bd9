package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Multiply.PANEL;
import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** One step of a running softmax over the keys of a panel of scores, a query per lane. */
final class Softmax {

    private Softmax() {
    }

    static void softmax(float[] scores, int at, int keys, float[] state, int stateAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector before = FloatVector.fromArray(FLOATS, state, stateAt + lane);
            FloatVector max = max(scores, at + lane, keys, before);
            FloatVector factor = Exp.expOfMinus(max.sub(before));
            FloatVector sum = exp(scores, at + lane, keys, max);
            max.intoArray(state, stateAt + lane);
            FloatVector.fromArray(FLOATS, state, stateAt + PANEL + lane).fma(factor, sum)
                    .intoArray(state, stateAt + PANEL + lane);
            factor.intoArray(state, stateAt + 2 * PANEL + lane);
        }
    }

    private static FloatVector max(float[] scores, int at, int keys, FloatVector before) {
        IntVector max0 = ordered(before);
        IntVector max1 = max0;
        int key = 0;
        for (; key < keys - 1; key += 2) {
            max0 = max0.max(ordered(FloatVector.fromArray(FLOATS, scores, at + key * PANEL)));
            max1 = max1.max(ordered(FloatVector.fromArray(FLOATS, scores, at + key * PANEL + PANEL)));
        }
        if (key < keys) {
            max0 = max0.max(ordered(FloatVector.fromArray(FLOATS, scores, at + key * PANEL)));
        }
        return ordered(max0.max(max1).reinterpretAsFloats()).reinterpretAsFloats();
    }

    /**
     * Bits whose order as integers is that of the floats; its own inverse. An integer maximum is one instruction, a
     * float maximum six, because of NaN and signed zeros.
     */
    private static IntVector ordered(FloatVector v) {
        IntVector bits = v.reinterpretAsInts();
        return bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE).lanewise(VectorOperators.XOR, bits);
    }

    /** Leaves {@code exp(score − max)} behind and returns the sums. */
    private static FloatVector exp(float[] scores, int at, int keys, FloatVector max) {
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int key = 0; key < keys; key++) {
            FloatVector e = Exp.expOfMinus(max.sub(FloatVector.fromArray(FLOATS, scores, at + key * PANEL)));
            e.intoArray(scores, at + key * PANEL);
            sum = sum.add(e);
        }
        return sum;
    }
}
