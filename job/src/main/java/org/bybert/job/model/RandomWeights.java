package org.bybert.job.model;

import java.util.Set;
import java.util.SplittableRandom;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.checkpoint.WeightSource;

/**
 * Weights of any shape without a file, uniform around their mean: matrices with the deviation {@code 1 / sqrt(columns)}
 * that keeps activations near one, norms around one, biases around zero. Values are exact
 * in F16 and in BF16, so that every {@code dtype} claimed gives the same model.
 *
 * @param queryKeyValueBias whether the Q, K and V projections have a bias
 */
public record RandomWeights(long seed, Dtype dtype, boolean queryKeyValueBias) implements WeightSource {

    private static final double VECTOR_DEVIATION = 0.1;

    @Override
    public boolean has(String name) {
        return !name.endsWith(".bias") || queryKeyValueBias && WeightSource.isQueryKeyValueBias(name);
    }

    @Override
    public Set<Dtype> dtypes() {
        return Set.of(dtype);
    }

    @Override
    public Tensor map(String name, int... shape) {
        boolean vector = shape.length == 1;
        int columns = shape[shape.length - 1];
        long firstRow = new SplittableRandom(seed ^ (long) name.hashCode() << 32).nextLong();
        return new RandomTensor(firstRow, vector ? 1 : shape[0], columns, name.endsWith("norm.weight") ? 1 : 0,
                (float) (Math.sqrt(12) * (vector ? VECTOR_DEVIATION : 1 / Math.sqrt(columns))));
    }

    private record RandomTensor(long seed, int rows, int columns, float mean, float width) implements Tensor {

        @Override
        public void readRow(int row, float[] out, int at) {
            SplittableRandom random = new SplittableRandom(seed + row);
            for (int i = 0; i < columns; i++) {
                float value = mean + width * (random.nextInt() * 0x1p-32f);
                // Below this F16 has fewer digits than BF16.
                out[at + i] = Math.abs(value) < 0x1p-14f ? 0
                        : Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
            }
        }
    }
}
