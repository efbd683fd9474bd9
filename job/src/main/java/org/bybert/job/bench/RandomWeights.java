package org.bybert.job.bench;

import java.util.SplittableRandom;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.checkpoint.WeightSource;

/**
 * Weights of any shape without a file, uniform around their mean: matrices with the deviation {@code 1 / sqrt(columns)}
 * that keeps activations near one, norms around one, biases around zero. Values are exact
 * in F16 and in BF16, so that every dtype gives the same model.
 *
 * @param queryKeyValueBias whether the Q, K and V projections have a bias
 */
public record RandomWeights(long seed, boolean queryKeyValueBias) implements WeightSource {

    private static final double VECTOR_DEVIATION = 0.1;

    @Override
    public boolean has(String name) {
        return !name.endsWith(".bias") || queryKeyValueBias && WeightSource.isQueryKeyValueBias(name);
    }

    @Override
    public Tensor map(String name, int... shape) {
        boolean vector = shape.length == 1;
        int columns = shape[shape.length - 1];
        long firstRow = new SplittableRandom(seed ^ (long) name.hashCode() << 32).nextLong();
        float mean = name.endsWith("norm.weight") ? 1 : 0;
        float width = (float) (Math.sqrt(12) * (vector ? VECTOR_DEVIATION : 1 / Math.sqrt(columns)));
        return new Tensor(vector ? 1 : shape[0], columns, (row, out, at) -> {
            SplittableRandom random = new SplittableRandom(firstRow + row);
            for (int i = 0; i < columns; i++) {
                float value = mean + width * (random.nextInt() * 0x1p-32f);
                // Below this F16 has fewer digits than BF16.
                out[at + i] = Math.abs(value) < 0x1p-14f ? 0
                        : Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
            }
        });
    }
}
