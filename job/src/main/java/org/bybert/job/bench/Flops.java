package org.bybert.job.bench;

import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.model.TensorShapes;

/**
 * How much arithmetic a forward pass is, counted from the shape alone, so that a faster way of doing it shows as more
 * GFLOP/s: {@code 2 · (parameters without embeddings) + 4 · length · hidden · layers} per token, of which the second
 * part is the scores and the weighted values of attention. The head counts for every token.
 */
public final class Flops {

    private Flops() {
    }

    /** Parameters that every token is multiplied by: all but the table of embeddings, the head included. */
    public static long multipliedParameters(ModelConfig config) {
        long parameters = TensorShapes.parameters(TensorShapes.of(config, false));
        return parameters - (config.tiedEmbeddings() ? 0 : (long) config.vocabSize() * config.hiddenSize());
    }

    /** Floating-point operations of one forward pass over rows of these lengths in tokens. */
    public static double forward(ModelConfig config, int... lengths) {
        double flops = 0;
        for (int length : lengths) {
            flops += 2.0 * multipliedParameters(config) * length + attention(config, length);
        }
        return flops;
    }

    /** Of {@link #forward}, what the scores and the weighted values take, half each, for one row. */
    public static double attention(ModelConfig config, int length) {
        return 4.0 * length * length * config.querySize() * config.layers();
    }
}
