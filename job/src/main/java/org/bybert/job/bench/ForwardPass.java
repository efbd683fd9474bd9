package org.bybert.job.bench;

import java.util.stream.IntStream;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.StageClock;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;

/** All layers over one batch and the head at every position, again and again in one thread. */
public final class ForwardPass implements Runnable {

    private final Transformer transformer;
    private final RaggedBatch batch;
    private final Workspace work;
    private final int[] positions;
    private final float[] logits;

    public ForwardPass(Transformer transformer, RaggedBatch batch) {
        this(transformer, batch, transformer.newWorkspace());
    }

    ForwardPass(Transformer transformer, RaggedBatch batch, Workspace work) {
        this.transformer = transformer;
        this.batch = batch;
        this.work = work;
        this.positions = IntStream.range(0, batch.tokens()).toArray();
        this.logits = new float[Workspace.CHUNK * transformer.config().vocabSize()];
    }

    @Override
    public void run() {
        run((logits, first, count) -> { });
    }

    /** Receives the scores of the positions from {@code first} on, {@code [count, vocab]}. */
    public interface Sink {
        void accept(float[] logits, int first, int count);
    }

    public void run(Sink sink) {
        transformer.run(batch, work);
        for (int first = 0; first < positions.length; first += Workspace.CHUNK) {
            int count = Math.min(Workspace.CHUNK, positions.length - first);
            transformer.logits(work, positions, first, count, logits);
            sink.accept(logits, first, count);
        }
    }

    StageClock clock() {
        return work.clock();
    }
}
