package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Species.LANES;

import java.util.Arrays;

/**
 * Matrix product by register tiles: a group of outputs × a panel of tokens stays in registers while the inputs pass by.
 *
 * <p>Every value is one chain of fused multiply-adds over its inputs in ascending order, whatever lane it falls into, so
 * that a row's bits do not depend on the rows beside it.
 */
final class Multiply {

    /** Outputs of a tile, by the number of registers that CPUs of this vector width have. */
    static final int OUTPUTS = LANES >= 16 ? 12 : 6;
    /** Tokens of a tile. */
    static final int PANEL = 2 * LANES;
    /** One sequence of 32, of the peak: 47 % without and 65 % with it on 512 bits (Zen 5), 75 and 66 on 256 (Zen 3). */
    static final boolean FETCHES = LANES >= 16;

    private Multiply() {
    }

    /** Panels outside, groups inside: a panel stays in the second-level cache while all groups pass it. */
    static void multiply(float[] w, int wAt, int wStride, int groups, int inputs,
                         float[] x, int xAt, int xStride, int panels, float[] y, int yAt, int yStride, boolean add) {
        for (int panel = 0; panel < panels; panel++) {
            if (!add) {
                int start = yAt + panel * yStride;
                Arrays.fill(y, start, start + groups * OUTPUTS * PANEL, 0);
            }
            for (int group = 0; group < groups; group++) {
                int tileAt = yAt + panel * yStride + group * OUTPUTS * PANEL;
                if (OUTPUTS == 12) {
                    Tile12x2.multiply(w, wAt + group * wStride, inputs, x, xAt + panel * xStride, y, tileAt);
                } else {
                    Tile6x2.multiply(w, wAt + group * wStride, inputs, x, xAt + panel * xStride, y, tileAt);
                }
            }
        }
    }
}
