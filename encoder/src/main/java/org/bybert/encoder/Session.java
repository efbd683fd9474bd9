package org.bybert.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;
import org.bybert.encoder.text.ByteTokenizer;

/** Answers of an {@link ByBert} for one thread; its buffers are reused from batch to batch. */
public final class Session {

    private final ByteTokenizer tokenizer;
    private final Transformer transformer;
    private final Workspace work;
    private final float[] logits;

    public Session(ByteTokenizer tokenizer, Transformer transformer) {
        this.tokenizer = tokenizer;
        this.transformer = transformer;
        this.work = transformer.newWorkspace();
        this.logits = new float[Workspace.CHUNK * transformer.config().vocabSize()];
    }

    /**
     * One vector per row; {@link Pooling#normalize} scales it to length 1.
     *
     * @param rows token ids of each row
     * @return vectors of the hidden size; all zeros for a row without tokens
     */
    public float[][] embed(List<int[]> rows, Pooling pooling) {
        RaggedBatch batch = RaggedBatch.of(rows);
        IntStream starts = IntStream.range(0, batch.rows())
                .filter(row -> batch.length(row) > 0)
                .map(batch::start);
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
    public record Predictions(int[] ids, double[] probabilities) {}

    /**
     * The most probable tokens at some positions, in one forward pass.
     *
     * @param positions positions in the batch, see {@link RaggedBatch#start}
     */
    public Predictions predict(RaggedBatch batch, int[] positions) {
        int[] ids = new int[positions.length];
        double[] probabilities = new double[positions.length];
        forEach(batch, positions, (i, at, best) -> {
            ids[i] = best - at;
            probabilities[i] = 1 / sum(at, best);
        });
        return new Predictions(ids, probabilities);
    }

    /**
     * How probable given tokens are at some positions, in one forward pass.
     *
     * @param positions positions in the batch, see {@link RaggedBatch#start}
     * @param tokens    a token id for each position
     * @return natural logarithms of their probabilities under the softmax over the whole vocabulary: finite however
     *         improbable a token is, as long as the logits are
     */
    public double[] logProbabilities(RaggedBatch batch, int[] positions, int[] tokens) {
        double[] result = new double[positions.length];
        forEach(
                batch,
                positions,
                (i, at, best) ->
                        result[i] = logits[at + tokens[i]] - (double) logits[best] - StrictMath.log(sum(at, best)));
        return result;
    }

    /** Takes the logits of one position, which begin at {@code at}; the largest is at {@code best}. */
    private interface LogitsReader {
        void read(int position, int at, int best);
    }

    private void forEach(RaggedBatch batch, int[] positions, LogitsReader reader) {
        transformer.run(batch, positions, work);
        int vocab = transformer.config().vocabSize();
        for (int first = 0; first < positions.length; first += Workspace.CHUNK) {
            int count = Math.min(Workspace.CHUNK, positions.length - first);
            transformer.logits(work, positions, first, count, logits);
            for (int i = 0; i < count; i++) {
                reader.read(first + i, i * vocab, argmax(i * vocab, vocab));
            }
        }
    }

    private int argmax(int at, int vocab) {
        int best = at;
        for (int i = at + 1; i < at + vocab; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Of the exponentials of all logits less the largest, so that none overflows: in double precision, in the order of
     * the vocabulary.
     */
    private double sum(int at, int best) {
        double sum = 0;
        for (int i = at; i < at + transformer.config().vocabSize(); i++) {
            sum += StrictMath.exp((double) logits[i] - logits[best]);
        }
        return sum;
    }

    /**
     * A text whose masks are filled.
     *
     * @param text  the text with each mask replaced by the most probable token
     * @param masks number of masks that were filled
     * @param score geometric mean of the probabilities of the tokens filled in; NaN where there was no mask
     */
    public record FilledText(String text, int masks, double score) {}

    /** Fills every mask of every row with the most probable token. */
    public List<FilledText> fillMask(List<int[]> rows) {
        RaggedBatch batch = RaggedBatch.of(rows);
        int[] ids = batch.ids();
        int maskId = tokenizer.maskId();
        int[] positions =
                IntStream.range(0, ids.length).filter(i -> ids[i] == maskId).toArray();
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
            texts.add(new FilledText(
                    tokenizer.decode(rowIds), masks, masks == 0 ? Double.NaN : StrictMath.exp(logProbability / masks)));
        }
        return texts;
    }
}
