package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.VectorKernels.FLOATS;
import static org.bybert.encoder.kernel.vector.VectorKernels.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Product of 12 outputs and 2 vectors of tokens, whose sums stay in registers. Written by TileGenerator.
 *
 * For 32 registers (AVX-512): 24 sums, two vectors of x and one weight fill 27 of them, and 12 × 2 needs
 * the fewest loads per product (14 for 24) of all shapes that do not spill.
 */
final class Tile12x2 {

    private Tile12x2() {
    }

    /** {@code y += w · x}; inputs are taken two at a time. */
    static void multiply(float[] w, int wAt, int inputs, float[] x, int xAt, float[] y, int yAt) {
        FloatVector s0a = FloatVector.zero(FLOATS);
        FloatVector s0b = FloatVector.zero(FLOATS);
        FloatVector s1a = FloatVector.zero(FLOATS);
        FloatVector s1b = FloatVector.zero(FLOATS);
        FloatVector s2a = FloatVector.zero(FLOATS);
        FloatVector s2b = FloatVector.zero(FLOATS);
        FloatVector s3a = FloatVector.zero(FLOATS);
        FloatVector s3b = FloatVector.zero(FLOATS);
        FloatVector s4a = FloatVector.zero(FLOATS);
        FloatVector s4b = FloatVector.zero(FLOATS);
        FloatVector s5a = FloatVector.zero(FLOATS);
        FloatVector s5b = FloatVector.zero(FLOATS);
        FloatVector s6a = FloatVector.zero(FLOATS);
        FloatVector s6b = FloatVector.zero(FLOATS);
        FloatVector s7a = FloatVector.zero(FLOATS);
        FloatVector s7b = FloatVector.zero(FLOATS);
        FloatVector s8a = FloatVector.zero(FLOATS);
        FloatVector s8b = FloatVector.zero(FLOATS);
        FloatVector s9a = FloatVector.zero(FLOATS);
        FloatVector s9b = FloatVector.zero(FLOATS);
        FloatVector s10a = FloatVector.zero(FLOATS);
        FloatVector s10b = FloatVector.zero(FLOATS);
        FloatVector s11a = FloatVector.zero(FLOATS);
        FloatVector s11b = FloatVector.zero(FLOATS);
        for (int i = 0; i < inputs; i += 2) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES + LANES);
            FloatVector weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12]);
            s0a = weight.fma(x0, s0a);
            s0b = weight.fma(x1, s0b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 1]);
            s1a = weight.fma(x0, s1a);
            s1b = weight.fma(x1, s1b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 2]);
            s2a = weight.fma(x0, s2a);
            s2b = weight.fma(x1, s2b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 3]);
            s3a = weight.fma(x0, s3a);
            s3b = weight.fma(x1, s3b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 4]);
            s4a = weight.fma(x0, s4a);
            s4b = weight.fma(x1, s4b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 5]);
            s5a = weight.fma(x0, s5a);
            s5b = weight.fma(x1, s5b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 6]);
            s6a = weight.fma(x0, s6a);
            s6b = weight.fma(x1, s6b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 7]);
            s7a = weight.fma(x0, s7a);
            s7b = weight.fma(x1, s7b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 8]);
            s8a = weight.fma(x0, s8a);
            s8b = weight.fma(x1, s8b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 9]);
            s9a = weight.fma(x0, s9a);
            s9b = weight.fma(x1, s9b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 10]);
            s10a = weight.fma(x0, s10a);
            s10b = weight.fma(x1, s10b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 11]);
            s11a = weight.fma(x0, s11a);
            s11b = weight.fma(x1, s11b);
            x0 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES + 2 * LANES);
            x1 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES + 3 * LANES);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 12]);
            s0a = weight.fma(x0, s0a);
            s0b = weight.fma(x1, s0b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 13]);
            s1a = weight.fma(x0, s1a);
            s1b = weight.fma(x1, s1b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 14]);
            s2a = weight.fma(x0, s2a);
            s2b = weight.fma(x1, s2b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 15]);
            s3a = weight.fma(x0, s3a);
            s3b = weight.fma(x1, s3b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 16]);
            s4a = weight.fma(x0, s4a);
            s4b = weight.fma(x1, s4b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 17]);
            s5a = weight.fma(x0, s5a);
            s5b = weight.fma(x1, s5b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 18]);
            s6a = weight.fma(x0, s6a);
            s6b = weight.fma(x1, s6b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 19]);
            s7a = weight.fma(x0, s7a);
            s7b = weight.fma(x1, s7b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 20]);
            s8a = weight.fma(x0, s8a);
            s8b = weight.fma(x1, s8b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 21]);
            s9a = weight.fma(x0, s9a);
            s9b = weight.fma(x1, s9b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 22]);
            s10a = weight.fma(x0, s10a);
            s10b = weight.fma(x1, s10b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 12 + 23]);
            s11a = weight.fma(x0, s11a);
            s11b = weight.fma(x1, s11b);
        }
        s0a.add(FloatVector.fromArray(FLOATS, y, yAt)).intoArray(y, yAt);
        s0b.add(FloatVector.fromArray(FLOATS, y, yAt + LANES)).intoArray(y, yAt + LANES);
        s1a.add(FloatVector.fromArray(FLOATS, y, yAt + 2 * LANES)).intoArray(y, yAt + 2 * LANES);
        s1b.add(FloatVector.fromArray(FLOATS, y, yAt + 3 * LANES)).intoArray(y, yAt + 3 * LANES);
        s2a.add(FloatVector.fromArray(FLOATS, y, yAt + 4 * LANES)).intoArray(y, yAt + 4 * LANES);
        s2b.add(FloatVector.fromArray(FLOATS, y, yAt + 5 * LANES)).intoArray(y, yAt + 5 * LANES);
        s3a.add(FloatVector.fromArray(FLOATS, y, yAt + 6 * LANES)).intoArray(y, yAt + 6 * LANES);
        s3b.add(FloatVector.fromArray(FLOATS, y, yAt + 7 * LANES)).intoArray(y, yAt + 7 * LANES);
        s4a.add(FloatVector.fromArray(FLOATS, y, yAt + 8 * LANES)).intoArray(y, yAt + 8 * LANES);
        s4b.add(FloatVector.fromArray(FLOATS, y, yAt + 9 * LANES)).intoArray(y, yAt + 9 * LANES);
        s5a.add(FloatVector.fromArray(FLOATS, y, yAt + 10 * LANES)).intoArray(y, yAt + 10 * LANES);
        s5b.add(FloatVector.fromArray(FLOATS, y, yAt + 11 * LANES)).intoArray(y, yAt + 11 * LANES);
        s6a.add(FloatVector.fromArray(FLOATS, y, yAt + 12 * LANES)).intoArray(y, yAt + 12 * LANES);
        s6b.add(FloatVector.fromArray(FLOATS, y, yAt + 13 * LANES)).intoArray(y, yAt + 13 * LANES);
        s7a.add(FloatVector.fromArray(FLOATS, y, yAt + 14 * LANES)).intoArray(y, yAt + 14 * LANES);
        s7b.add(FloatVector.fromArray(FLOATS, y, yAt + 15 * LANES)).intoArray(y, yAt + 15 * LANES);
        s8a.add(FloatVector.fromArray(FLOATS, y, yAt + 16 * LANES)).intoArray(y, yAt + 16 * LANES);
        s8b.add(FloatVector.fromArray(FLOATS, y, yAt + 17 * LANES)).intoArray(y, yAt + 17 * LANES);
        s9a.add(FloatVector.fromArray(FLOATS, y, yAt + 18 * LANES)).intoArray(y, yAt + 18 * LANES);
        s9b.add(FloatVector.fromArray(FLOATS, y, yAt + 19 * LANES)).intoArray(y, yAt + 19 * LANES);
        s10a.add(FloatVector.fromArray(FLOATS, y, yAt + 20 * LANES)).intoArray(y, yAt + 20 * LANES);
        s10b.add(FloatVector.fromArray(FLOATS, y, yAt + 21 * LANES)).intoArray(y, yAt + 21 * LANES);
        s11a.add(FloatVector.fromArray(FLOATS, y, yAt + 22 * LANES)).intoArray(y, yAt + 22 * LANES);
        s11b.add(FloatVector.fromArray(FLOATS, y, yAt + 23 * LANES)).intoArray(y, yAt + 23 * LANES);
    }
}
