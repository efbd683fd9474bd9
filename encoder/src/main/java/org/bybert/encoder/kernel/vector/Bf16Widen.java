package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.INTS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.bybert.encoder.kernel.Bf16;

/** Widens bfloat16 weights: a bfloat16 is the upper half of the float of the same value. */
final class Bf16Widen {

    private static final int HALF = Bf16.BLOCK / 2;

    private Bf16Widen() {
    }

    static void widen(int[] bf16, int at, int count, float[] out, int outAt) {
        for (int i = 0; i < count / Bf16.BLOCK; i++) {
            for (int lane = 0; lane < HALF; lane += LANES) {
                IntVector pair = IntVector.fromArray(INTS, bf16, at + i * HALF + lane);
                pair.and(0xffff0000).reinterpretAsFloats().intoArray(out, outAt + i * Bf16.BLOCK + lane);
                pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats()
                        .intoArray(out, outAt + i * Bf16.BLOCK + HALF + lane);
            }
        }
    }
}
