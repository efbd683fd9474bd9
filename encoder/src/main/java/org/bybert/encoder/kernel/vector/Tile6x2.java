package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Product of 6 outputs and 2 vectors of tokens, whose sums stay in registers. Written by TileGenerator.
 *
 * For 16 registers (AVX2, SSE): 12 sums, two vectors of x and one weight fill 15 of them; 12 sums also
 * cover the latency of two multiply-add units.
 */
final class Tile6x2 {

    private Tile6x2() {
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
        for (int i = 0; i < inputs; i += 2) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES + LANES);
            FloatVector weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6]);
            s0a = weight.fma(x0, s0a);
            s0b = weight.fma(x1, s0b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 1]);
            s1a = weight.fma(x0, s1a);
            s1b = weight.fma(x1, s1b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 2]);
            s2a = weight.fma(x0, s2a);
            s2b = weight.fma(x1, s2b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 3]);
            s3a = weight.fma(x0, s3a);
            s3b = weight.fma(x1, s3b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 4]);
            s4a = weight.fma(x0, s4a);
            s4b = weight.fma(x1, s4b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 5]);
            s5a = weight.fma(x0, s5a);
            s5b = weight.fma(x1, s5b);
            x0 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES + 2 * LANES);
            x1 = FloatVector.fromArray(FLOATS, x, xAt + i * 2 * LANES + 3 * LANES);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 6]);
            s0a = weight.fma(x0, s0a);
            s0b = weight.fma(x1, s0b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 7]);
            s1a = weight.fma(x0, s1a);
            s1b = weight.fma(x1, s1b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 8]);
            s2a = weight.fma(x0, s2a);
            s2b = weight.fma(x1, s2b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 9]);
            s3a = weight.fma(x0, s3a);
            s3b = weight.fma(x1, s3b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 10]);
            s4a = weight.fma(x0, s4a);
            s4b = weight.fma(x1, s4b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + i * 6 + 11]);
            s5a = weight.fma(x0, s5a);
            s5b = weight.fma(x1, s5b);
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
    }
}
