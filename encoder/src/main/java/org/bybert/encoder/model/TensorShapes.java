package org.bybert.encoder.model;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;

/**
 * The tensors of a model by their Hugging Face names, layer by layer: a source that has whatever {@link Weights}
 * asks for and takes it down. The values it gives have no meaning.
 */
public final class TensorShapes implements WeightSource {

    private final boolean queryKeyValueBias;
    private final Map<String, int[]> shapes = new LinkedHashMap<>();

    TensorShapes(boolean queryKeyValueBias) {
        this.queryKeyValueBias = queryKeyValueBias;
    }

    /**
     * Shapes of all tensors: one extent (a vector) or two (rows, columns).
     *
     * @param queryKeyValueBias whether the Q, K and V projections have a bias
     */
    public static Map<String, int[]> of(ModelConfig config, boolean queryKeyValueBias) {
        TensorShapes asked = new TensorShapes(queryKeyValueBias);
        Weights.check(config, asked);
        return asked.shapes;
    }

    /** Number of values of all tensors together: the model's parameters. */
    public static long parameters(Map<String, int[]> shapes) {
        return shapes.values().stream().mapToLong(TensorShapes::values).sum();
    }

    /** Number of values of a tensor of this shape. */
    public static long values(int[] shape) {
        return Arrays.stream(shape).asLongStream().reduce(1, (values, extent) -> values * extent);
    }

    @Override
    public boolean has(String name) {
        return queryKeyValueBias && WeightSource.isQueryKeyValueBias(name);
    }

    @Override
    public Tensor map(String name, int... shape) {
        shapes.put(name, shape);
        int columns = shape[shape.length - 1];
        // Small numbers of either sign.
        return new Tensor(shape.length == 1 ? 1 : shape[0], columns, (row, out, at) -> {
            for (int i = 0; i < columns; i++) {
                out[at + i] = ((31 * row + i) % 17 - 8) / 32f;
            }
        });
    }
}
