package org.bybert.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.model.LogSoftmax;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;
import org.bybert.encoder.text.ByteTokenizer;

/** Answers of an {@link ByBert} for one thread; its buffers are reused from batch to batch. */
public final class Session {

    private final ByteTokenizer tokenizer;
    private final Transformer transformer;
    private final Workspace work;
    private final LogSoftmax logSoftmax;

    Session(ByteTokenizer tokenizer, Transformer transformer) {
        this.tokenizer = tokenizer;
        this.transformer = transformer;
        this.work = transformer.newWorkspace();
        this.logSoftmax = new LogSoftmax(transformer, work);
    }

    /**
     * One vector per row; {@link Pooling#normalize} scales it to length 1.
     *
     * @param rows token ids of each row
     * @return vectors of the hidden size; all zeros for a row without tokens
     */
    public float[][] embed(List<int[]> rows, Pooling pooling) {
        RaggedBatch batch = RaggedBatch.of(rows);
        IntStream starts = IntStream.range(0, batch.rows()).filter(row -> batch.length(row) > 0).map(batch::start);
        transformer.run(batch, pooling == Pooling.CLS ? starts.toArray() : null, work);
        float[][] vectors = new float[batch.rows()][];
        for (int row = 0; row < batch.rows(); row++) {
            vectors[row] = pooling.pool(transformer, work, batch.start(row), batch.length(row));
        }
        return vectors;
    }

    /**
     * The most probable token at each position that was asked for.
     *
     * @param ids           argmax over the whole vocabulary (the lowest id where several are equal)
     * @param probabilities its probability under the softmax over the whole vocabulary
     */
    public record Predictions(int[] ids, double[] probabilities) {
    }

    /**
     * The most probable tokens at some positions, in one forward pass.
     *
     * @param positions positions in the batch, see {@link RaggedBatch#start}
     */
    public Predictions predict(RaggedBatch batch, int[] positions) {
        int[] ids = new int[positions.length];
        double[] probabilities = new double[positions.length];
        logSoftmax.best(batch, positions, ids, probabilities);
        return new Predictions(ids, probabilities);
    }

    /**
     * How probable given tokens are at some positions, in one forward pass.
     *
     * @param positions positions in the batch, see {@link RaggedBatch#start}
     * @param tokens    a token id for each position
     * @return natural logarithms of their probabilities under the softmax over the whole vocabulary
     */
    public double[] logProbabilities(RaggedBatch batch, int[] positions, int[] tokens) {
        return logSoftmax.of(batch, positions, tokens);
    }

    /** Fills every mask of every row with the most probable token. */
    public List<FilledText> fillMask(List<int[]> rows) {
        RaggedBatch batch = RaggedBatch.of(rows);
        int[] ids = batch.ids();
        int maskId = tokenizer.maskId();
        int[] positions = IntStream.range(0, ids.length).filter(i -> ids[i] == maskId).toArray();
        Predictions predictions = predict(batch, positions);
        int[] filled = ids.clone();
        for (int i = 0; i < positions.length; i++) {
            filled[positions[i]] = predictions.ids()[i];
        }
        int next = 0;
        List<FilledText> texts = new ArrayList<>(batch.rows());
        for (int row = 0; row < batch.rows(); row++) {
            int end = batch.start(row) + batch.length(row);
            int masks = 0;
            double logProbability = 0;
            for (; next < positions.length && positions[next] < end; next++, masks++) {
                logProbability += StrictMath.log(predictions.probabilities()[next]);
            }
            int[] rowIds = Arrays.copyOfRange(filled, batch.start(row), end);
            texts.add(new FilledText(tokenizer.decode(rowIds), masks,
                    masks == 0 ? Double.NaN : StrictMath.exp(logProbability / masks)));
        }
        return texts;
    }
}
