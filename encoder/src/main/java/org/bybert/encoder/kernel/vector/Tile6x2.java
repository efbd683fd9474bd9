package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.VectorKernels.FLOATS;
import static org.bybert.encoder.kernel.vector.VectorKernels.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Product of 6 outputs and 2 vectors of tokens, whose sums stay in registers. Written by TileGenerator.
 *
 * For 16 registers (AVX2, SSE): 12 sums, two vectors of x and two weights fill them; 12 sums also cover
 * the latency of two multiply-add units. A loop that ends by != is not unrolled by the JIT compiler, which
 * would then load more operands ahead than there are registers, at half the speed.
 * Sums begin as loads: where all begin as one register of zeros, it copies them about in the loop in some JVMs.
 */
final class Tile6x2 {

    private static final float[] ZEROS = new float[12 * LANES];

    private Tile6x2() {
    }

    /** {@code y += w · x}. */
    static void multiply(float[] w, int wAt, int inputs, float[] x, int xAt, float[] y, int yAt) {
        FloatVector s0a = FloatVector.fromArray(FLOATS, ZEROS, 0);
        FloatVector s0b = FloatVector.fromArray(FLOATS, ZEROS, LANES);
        FloatVector s1a = FloatVector.fromArray(FLOATS, ZEROS, 2 * LANES);
        FloatVector s1b = FloatVector.fromArray(FLOATS, ZEROS, 3 * LANES);
        FloatVector s2a = FloatVector.fromArray(FLOATS, ZEROS, 4 * LANES);
        FloatVector s2b = FloatVector.fromArray(FLOATS, ZEROS, 5 * LANES);
        FloatVector s3a = FloatVector.fromArray(FLOATS, ZEROS, 6 * LANES);
        FloatVector s3b = FloatVector.fromArray(FLOATS, ZEROS, 7 * LANES);
        FloatVector s4a = FloatVector.fromArray(FLOATS, ZEROS, 8 * LANES);
        FloatVector s4b = FloatVector.fromArray(FLOATS, ZEROS, 9 * LANES);
        FloatVector s5a = FloatVector.fromArray(FLOATS, ZEROS, 10 * LANES);
        FloatVector s5b = FloatVector.fromArray(FLOATS, ZEROS, 11 * LANES);
        int end = wAt + inputs * 6;
        while (wAt != end) {
            FloatVector x0 = FloatVector.fromArray(FLOATS, x, xAt);
            FloatVector x1 = FloatVector.fromArray(FLOATS, x, xAt + LANES);
            FloatVector weight = FloatVector.broadcast(FLOATS, w[wAt]);
            s0a = weight.fma(x0, s0a);
            s0b = weight.fma(x1, s0b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + 1]);
            s1a = weight.fma(x0, s1a);
            s1b = weight.fma(x1, s1b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + 2]);
            s2a = weight.fma(x0, s2a);
            s2b = weight.fma(x1, s2b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + 3]);
            s3a = weight.fma(x0, s3a);
            s3b = weight.fma(x1, s3b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + 4]);
            s4a = weight.fma(x0, s4a);
            s4b = weight.fma(x1, s4b);
            weight = FloatVector.broadcast(FLOATS, w[wAt + 5]);
            s5a = weight.fma(x0, s5a);
            s5b = weight.fma(x1, s5b);
            wAt += 6;
            xAt += 2 * LANES;
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
