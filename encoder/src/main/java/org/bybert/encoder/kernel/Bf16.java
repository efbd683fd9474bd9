package org.bybert.encoder.kernel;

/**
 * Weights as bfloat16, two to an {@code int}, in blocks that a vector of any width widens without moving a lane: int
 * {@code i} of a block holds value {@code i} in its upper half and value {@code i + 16} in its lower half.
 */
public final class Bf16 {

    /** Values of a block. */
    public static final int BLOCK = 32;
    static final int HALF = BLOCK / 2;

    private Bf16() {
    }

    /** Narrows {@code count} values, whole blocks, to the nearest bfloat16, ties to even. */
    static void narrow(float[] values, int at, int count, int[] out, int outAt) {
        for (int block = 0; block < count; block += BLOCK, outAt += HALF) {
            for (int i = 0; i < HALF; i++) {
                out[outAt + i] = rounded(values[at + block + i]) & 0xffff0000
                        | rounded(values[at + block + HALF + i]) >>> 16;
            }
        }
    }

    /** The upper 16 bits are the bfloat16. */
    private static int rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        return bits + 0x7fff + (bits >>> 16 & 1);
    }

    /** The definition of {@link Kernels#widen}. */
    static void widen(int[] bf16, int at, int count, float[] out, int outAt) {
        for (int block = 0; block < count; block += BLOCK, at += HALF) {
            for (int i = 0; i < HALF; i++) {
                out[outAt + block + i] = Float.intBitsToFloat(bf16[at + i] & 0xffff0000);
                out[outAt + block + HALF + i] = Float.intBitsToFloat(bf16[at + i] << 16);
            }
        }
    }
}
