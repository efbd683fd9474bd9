package org.bybert.job.bench.peers;

import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;

/** How far the logits of the engines agree. */
final class Agreement {

    private final Transformer transformer;
    private final int vocab;

    Agreement(Transformer transformer) {
        this.transformer = transformer;
        this.vocab = transformer.config().vocabSize();
    }

    ModelConfig config() {
        return transformer.config();
    }

    /**
     * @param largestDifference of one logit
     * @param argmax            share of the positions at which both find the same token most probable
     */
    record Result(double largestDifference, double argmax) {}

    Result of(List<int[]> rows, OrtEngine engine) {
        float[] ours = ours(rows);
        float[] theirs;
        int stride;
        try (OrtEngine.Batch batch = engine.new Batch(rows)) {
            theirs = batch.logits();
            stride = batch.longest();
        }
        double largest = 0;
        int equal = 0;
        int token = 0;
        for (int r = 0; r < rows.size(); r++) {
            for (int i = 0; i < rows.get(r).length; i++, token++) {
                int ourAt = token * vocab;
                int theirAt = (r * stride + i) * vocab;
                for (int v = 0; v < vocab; v++) {
                    double difference = Math.abs(ours[ourAt + v] - theirs[theirAt + v]);
                    // Not a number counts as the largest difference of all.
                    largest = difference <= largest ? largest : difference;
                }
                equal += argmax(ours, ourAt) == argmax(theirs, theirAt) ? 1 : 0;
            }
        }
        return new Result(largest, (double) equal / token);
    }

    private float[] ours(List<int[]> rows) {
        RaggedBatch batch = RaggedBatch.of(rows);
        Workspace work = transformer.newWorkspace();
        transformer.run(batch, null, work);
        int[] positions = IntStream.range(0, batch.tokens()).toArray();
        float[] logits = new float[Workspace.CHUNK * vocab];
        float[] all = new float[batch.tokens() * vocab];
        for (int first = 0; first < positions.length; first += Workspace.CHUNK) {
            int count = Math.min(Workspace.CHUNK, positions.length - first);
            transformer.logits(work, positions, first, count, logits);
            System.arraycopy(logits, 0, all, first * vocab, count * vocab);
        }
        return all;
    }

    private int argmax(float[] logits, int at) {
        int best = 0;
        for (int v = 1; v < vocab; v++) {
            if (logits[at + v] > logits[at + best]) {
                best = v;
            }
        }
        return best;
    }
}
