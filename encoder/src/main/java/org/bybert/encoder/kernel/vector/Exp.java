package org.bybert.encoder.kernel.vector;

/**
 * The constants of {@code exp} in single precision: {@code exp(x) = 2^n · exp(r)} with {@code n = round(x / ln 2)} and
 * {@code |r| ≤ ln 2 / 2}; {@code exp(r)} is a polynomial of degree 5 whose remainder there is below 1e-7. Relative error
 * at most 3e-7 (ExpTest sweeps the range); arguments are clamped to ±87, where the result is still a normal number.
 *
 * <p>{@link VectorKernels} spells the same steps out on vectors instead of calling a method: where the JIT compiler has
 * compiled such a method on its own before, it does not inline it, and then every vector that passes is an object, which
 * costs ten times the arithmetic.
 */
final class Exp {

    static final float LIMIT = 87f;
    /** Clamps work on bits as integers: a float minimum must mind NaN and signed zeros. */
    static final int LIMIT_BITS = Float.floatToRawIntBits(LIMIT);
    static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts, so that {@code n · LN2_HIGH} is exact. */
    static final float LN2_HIGH = 0x1.63p-1f;
    static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5 · 2²³ leaves the rounded integer in the low bits; a shift by 23 drops all of its own. */
    static final float ROUNDER = 0x1.8p23f;
    /** Minimax polynomial of the relative error (Lawson's iteration), with exp(0) = 1 exactly. */
    static final float C1 = 0x1.fffff6p-1f;
    static final float C2 = 0x1.fffdc6p-2f;
    static final float C3 = 0x1.555a6cp-3f;
    static final float C4 = 0x1.573a6cp-5f;
    static final float C5 = 0x1.0fa82p-7f;

    private Exp() {
    }
}
