package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code exp} in single precision, the same bits in vector lanes and in the scalar form that defines them.
 *
 * <p>{@code exp(x) = 2^n · exp(r)} with {@code n = round(x / ln 2)} and {@code |r| ≤ ln 2 / 2}; {@code exp(r)} is a
 * polynomial of degree 5 whose remainder there is below 1e-7. Relative error at most 3e-7 (ExpTest sweeps the range);
 * arguments are clamped to ±87, where the result is still a normal number. NaN becomes 87: callers that can meet it
 * use their argument a second time.
 */
final class Exp {

    private static final float LIMIT = 87f;
    private static final int LIMIT_BITS = Float.floatToRawIntBits(LIMIT);
    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two parts, so that {@code n · LN2_HIGH} is exact. */
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5 · 2²³ leaves the rounded integer in the low bits. */
    private static final float ROUNDER = 0x1.8p23f;

    /** Minimax polynomial of the relative error (Lawson's iteration), with exp(0) = 1 exactly. */
    private static final float C1 = 0x1.fffff6p-1f;
    private static final float C2 = 0x1.fffdc6p-2f;
    private static final float C3 = 0x1.555a6cp-3f;
    private static final float C4 = 0x1.573a6cp-5f;
    private static final float C5 = 0x1.0fa82p-7f;

    private Exp() {
    }

    static FloatVector exp(FloatVector x) {
        // As integers, since a float minimum must mind NaN and signed zeros, which takes many instructions.
        IntVector bits = x.reinterpretAsInts();
        return clamped(bits.and(Integer.MAX_VALUE).min(LIMIT_BITS).or(bits.and(Integer.MIN_VALUE)));
    }

    /** {@code exp(−x)} for {@code x ≥ 0}, where the clamp costs less. */
    static FloatVector expOfMinus(FloatVector x) {
        return clamped(x.reinterpretAsInts().min(LIMIT_BITS).or(Integer.MIN_VALUE));
    }

    private static FloatVector clamped(IntVector bits) {
        FloatVector x = bits.reinterpretAsFloats();
        FloatVector shifted = x.fma(FloatVector.broadcast(FLOATS, LOG2_E), FloatVector.broadcast(FLOATS, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(FLOATS, C5), FloatVector.broadcast(FLOATS, C4));
        p = p.fma(r, FloatVector.broadcast(FLOATS, C3));
        p = p.fma(r, FloatVector.broadcast(FLOATS, C2));
        p = p.fma(r, FloatVector.broadcast(FLOATS, C1));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
        // The shift drops all of ROUNDER's own bits.
        IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    static float exp(float x) {
        x = Math.min(Math.max(x, -LIMIT), LIMIT);
        float shifted = Math.fma(x, LOG2_E, ROUNDER);
        float n = shifted - ROUNDER;
        float r = Math.fma(n, -LN2_HIGH, x);
        r = Math.fma(n, -LN2_LOW, r);
        float p = Math.fma(r, C5, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, C1);
        p = Math.fma(p, r, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
    }
}
