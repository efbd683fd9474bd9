package org.bybert.encoder.kernel.vector;

import static org.bybert.encoder.kernel.vector.Multiply.PANEL;
import static org.bybert.encoder.kernel.vector.Species.FLOATS;
import static org.bybert.encoder.kernel.vector.Species.LANES;

import jdk.incubator.vector.FloatVector;

/** Rotary positions of one head of a panel. */
final class Rotate {

    private Rotate() {
    }

    static void rotate(float[] x, int at, int half, float[] angles, int anglesAt, float scale) {
        int second = half * PANEL;
        for (int i = 0; i < second; i += LANES) {
            FloatVector cosine = FloatVector.fromArray(FLOATS, angles, anglesAt + i).mul(scale);
            FloatVector sine = FloatVector.fromArray(FLOATS, angles, anglesAt + second + i).mul(scale);
            FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
            FloatVector b = FloatVector.fromArray(FLOATS, x, at + second + i);
            a.mul(cosine).sub(b.mul(sine)).intoArray(x, at + i);
            b.mul(cosine).add(a.mul(sine)).intoArray(x, at + second + i);
        }
    }
}
