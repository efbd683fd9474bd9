package org.bybert.encoder.model;

import java.util.Arrays;

/**
 * Cosines and sines of the rotary positions (Su et al. 2021, RoFormer): position {@code p}, pair {@code i} turns by
 * {@code p · theta^(−2i / headSize)}. Computed once in double precision; grows when a longer row comes.
 */
final class RotaryTable {

    /** {@code positions × half}, row after row. */
    record Angles(int positions, float[] cosines, float[] sines) {
    }

    private final double[] frequencies;
    private volatile Angles angles = new Angles(0, new float[0], new float[0]);

    RotaryTable(int headSize, double theta) {
        frequencies = new double[headSize / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = StrictMath.pow(theta, -2.0 * i / headSize);
        }
    }

    Angles upTo(int positions) {
        Angles current = angles;
        return current.positions() >= positions ? current : grow(positions);
    }

    private synchronized Angles grow(int positions) {
        Angles old = angles;
        if (old.positions() >= positions) {
            return old;
        }
        int half = frequencies.length;
        int size = Math.multiplyExact(Math.max(positions, 2 * old.positions()), half);
        float[] cosines = Arrays.copyOf(old.cosines(), size);
        float[] sines = Arrays.copyOf(old.sines(), size);
        for (int at = old.positions() * half; at < size; at++) {
            double angle = at / half * frequencies[at % half];
            cosines[at] = (float) StrictMath.cos(angle);
            sines[at] = (float) StrictMath.sin(angle);
        }
        angles = new Angles(size / half, cosines, sines);
        return angles;
    }
}
