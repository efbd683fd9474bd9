package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code exp} in single precision, the same bits in vector lanes and in the scalar tail.
 *
 * <p>{@code exp(x) = 2^n · exp(r)} with {@code n = round(x / ln 2)} and {@code |r| ≤ ln 2 / 2}; {@code exp(r)} is the
 * degree-6 Taylor polynomial, whose remainder there is below 2e-7. Relative error at most 3e-7 (ExpTest sweeps the
 * range); arguments are clamped to ±87, where the result is still a normal number.
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
    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);

    private static final float C6 = 1f / 720;
    private static final float C5 = 1f / 120;
    private static final float C4 = 1f / 24;
    private static final float C3 = 1f / 6;
    private static final float C2 = 1f / 2;

    private Exp() {
    }

    static FloatVector exp(FloatVector x) {
        // As integers, since a float minimum must mind NaN and signed zeros, which takes many instructions.
        IntVector bits = x.reinterpretAsInts();
        IntVector size = bits.and(Integer.MAX_VALUE).min(LIMIT_BITS);
        x = bits.and(Integer.MIN_VALUE).or(size).reinterpretAsFloats();
        FloatVector shifted = x.fma(FloatVector.broadcast(FLOATS, LOG2_E), FloatVector.broadcast(FLOATS, ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(FLOATS, C6), FloatVector.broadcast(FLOATS, C5));
        p = p.fma(r, FloatVector.broadcast(FLOATS, C4));
        p = p.fma(r, FloatVector.broadcast(FLOATS, C3));
        p = p.fma(r, FloatVector.broadcast(FLOATS, C2));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
        p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
        IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS).lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    }

    static float exp(float x) {
        x = Math.min(Math.max(x, -LIMIT), LIMIT);
        float shifted = Math.fma(x, LOG2_E, ROUNDER);
        float n = shifted - ROUNDER;
        float r = Math.fma(n, -LN2_HIGH, x);
        r = Math.fma(n, -LN2_LOW, r);
        float p = Math.fma(r, C6, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r, 1f);
        p = Math.fma(p, r, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p)
                + (Float.floatToRawIntBits(shifted) - ROUNDER_BITS << 23));
    }
}
