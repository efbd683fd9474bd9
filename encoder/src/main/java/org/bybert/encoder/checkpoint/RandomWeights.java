package org.bybert.encoder.checkpoint;

import java.util.Set;
import java.util.SplittableRandom;

/**
 * Weights of any shape without a file, for benchmarks: norms of one, everything else uniform around zero with the
 * deviation {@code 1 / sqrt(columns)} that keeps activations near one. Values are exact in BF16, so that every
 * {@code dtype} claimed gives the same model. Biases do not exist.
 */
public record RandomWeights(long seed, Dtype dtype) implements WeightSource {

    @Override
    public boolean has(String name) {
        return !name.endsWith(".bias");
    }

    @Override
    public Set<Dtype> dtypes() {
        return Set.of(dtype);
    }

    @Override
    public Tensor map(String name, int... shape) {
        boolean vector = shape.length == 1;
        return new RandomTensor(seed ^ (long) name.hashCode() << 32, vector ? 1 : shape[0], shape[shape.length - 1],
                vector);
    }

    private record RandomTensor(long seed, int rows, int columns, boolean ones) implements Tensor {

        @Override
        public void readRow(int row, float[] out, int at) {
            SplittableRandom random = new SplittableRandom(seed + row);
            float scale = (float) Math.sqrt(12.0 / columns) * 0x1p-31f;
            for (int i = 0; i < columns; i++) {
                float value = ones ? 1 : random.nextInt() * scale * 0.5f;
                out[at + i] = Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
            }
        }
    }
}
