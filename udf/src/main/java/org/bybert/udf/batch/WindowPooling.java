package org.bybert.udf.batch;

import org.bybert.encoder.Pooling;

/**
 * The vector of a text that was read in windows. With {@code mean} and {@code cls} pooling it is the mean of the
 * windows' vectors, weighted by their numbers of tokens (so that with {@code mean} every token counts alike, those in an
 * overlap once per window); with {@code max} it is the largest value of each dimension. Sums are kept in double
 * precision, in the order of the windows. Scaling to length 1, where it is asked for, comes last.
 */
final class WindowPooling implements TextTask.Joining<float[]> {

    private final Pooling pooling;
    private float[] largest;
    private double[] sums;
    private long tokens;

    WindowPooling(Pooling pooling) {
        this.pooling = pooling;
    }

    @Override
    public void add(float[] vector, int count) {
        if (sums == null) {
            largest = vector.clone();
            sums = new double[vector.length];
        }
        for (int i = 0; i < vector.length; i++) {
            largest[i] = Math.max(largest[i], vector[i]);
            sums[i] += (double) vector[i] * count;
        }
        tokens += count;
    }

    @Override
    public float[] result() {
        if (pooling == Pooling.MAX) {
            return largest;
        }
        float[] mean = new float[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sums[i] / tokens);
        }
        return mean;
    }
}
