package org.bybert.job.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.TensorShapes;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;

/** All layers over one batch and the head at every position, again and again in one thread. */
public record ForwardPass(Transformer transformer, RaggedBatch batch, Workspace work, int[] positions, float[] logits)
        implements Runnable {

    public ForwardPass(Transformer transformer, List<int[]> rows) {
        this(
                transformer,
                RaggedBatch.of(rows),
                transformer.newWorkspace(),
                IntStream.range(0, rows.stream().mapToInt(row -> row.length).sum())
                        .toArray(),
                new float[Workspace.CHUNK * transformer.config().vocabSize()]);
    }

    @Override
    public void run() {
        transformer.run(batch, null, work);
        for (int first = 0; first < positions.length; first += Workspace.CHUNK) {
            int count = Math.min(Workspace.CHUNK, positions.length - first);
            transformer.logits(work, positions, first, count, logits);
        }
    }

    /**
     * Floating-point operations of one pass over rows of these lengths in tokens, counted from the shape alone, so that
     * a faster way of doing it shows as more GFLOP/s: {@code 2 · (parameters without embeddings)
     * + 4 · length · hidden · layers} per token, of which the second part is the scores and the weighted values of
     * attention. The head counts for every token.
     */
    public static double flops(ModelConfig config, int... lengths) {
        // A tied table of embeddings is multiplied too, as the head.
        long multiplied = TensorShapes.parameters(TensorShapes.of(config, false))
                - (config.tiedEmbeddings() ? 0 : (long) config.vocabSize() * config.hiddenSize());
        return IntStream.of(lengths)
                .mapToDouble(length -> 2.0 * multiplied * length + attentionFlops(config, length))
                .sum();
    }

    /** Of {@link #flops}, what the scores and the weighted values take, half each, for one row. */
    static double attentionFlops(ModelConfig config, int length) {
        return 4.0 * length * length * config.querySize() * config.layers();
    }
}
