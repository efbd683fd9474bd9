package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Multiply.PANEL;
import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;

/** Multiplies the rows of a panel by one factor for each token. */
final class Scale {

    private Scale() {
    }

    static void scale(float[] x, int xAt, int rows, float[] factors, int factorsAt, float[] y, int yAt) {
        for (int lane = 0; lane < PANEL; lane += LANES) {
            FloatVector factor = FloatVector.fromArray(FLOATS, factors, factorsAt + lane);
            for (int row = 0; row < rows; row++) {
                FloatVector.fromArray(FLOATS, x, xAt + lane + row * PANEL).mul(factor)
                        .intoArray(y, yAt + lane + row * PANEL);
            }
        }
    }
}
