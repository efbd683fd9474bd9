package org.bybert.encoder.model;

import java.util.Arrays;

/**
 * Cosines and sines of the rotary positions (Su et al. 2021, RoFormer): position {@code p}, pair {@code i} turns by
 * {@code p · theta^(−2i / headSize)}. Computed once in double precision; grows when a longer row comes.
 */
final class RotaryTable {

    private final double[] frequencies;
    private float[] table = new float[0];

    RotaryTable(int headSize, double theta) {
        frequencies = new double[headSize / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = StrictMath.pow(theta, -2.0 * i / headSize);
        }
    }

    /** At least so many positions, one after the other: the cosines of all pairs, then the sines. */
    synchronized float[] upTo(int positions) {
        int half = frequencies.length;
        int known = table.length / (2 * half);
        if (known >= positions) {
            return table;
        }
        int wanted = Math.max(positions, 2 * known);
        float[] grown = Arrays.copyOf(table, Math.multiplyExact(wanted, 2 * half));
        for (int position = known; position < wanted; position++) {
            for (int i = 0; i < half; i++) {
                double angle = position * frequencies[i];
                grown[position * 2 * half + i] = (float) StrictMath.cos(angle);
                grown[position * 2 * half + half + i] = (float) StrictMath.sin(angle);
            }
        }
        table = grown;
        return grown;
    }
}
