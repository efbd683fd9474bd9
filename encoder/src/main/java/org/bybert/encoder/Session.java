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

    Session(ByteTokenizer tokenizer, Transformer transformer) {
        this.tokenizer = tokenizer;
        this.transformer = transformer;
        this.work = transformer.newWorkspace();
        this.logits = new float[Workspace.CHUNK * transformer.config().vocabSize()];
    }

    /**
     * One vector per row.
     *
     * @param rows      token ids of each row
     * @param normalize scale each vector to length 1 (L2); a vector of zeros stays one
     * @return vectors of the hidden size; all zeros for a row without tokens
     */
    public float[][] embed(List<int[]> rows, Pooling pooling, boolean normalize) {
        RaggedBatch batch = RaggedBatch.of(rows);
        transformer.run(batch, pooling == Pooling.CLS ? starts(batch) : null, work);
        float[][] vectors = new float[batch.rows()][];
        for (int row = 0; row < batch.rows(); row++) {
            vectors[row] = Pooler.pool(transformer, work, batch.start(row), batch.length(row), pooling);
            if (normalize) {
                Pooler.normalize(vectors[row]);
            }
        }
        return vectors;
    }

    /**
     * The most probable tokens at some positions, in one forward pass.
     *
     * @param positions positions in the batch, see {@link RaggedBatch#start}
     */
    public Predictions predict(RaggedBatch batch, int[] positions) {
        int[] ids = new int[positions.length];
        double[] probabilities = new double[positions.length];
        forEachLogits(batch, positions, (i, at, vocab) -> {
            ids[i] = argmax(at, vocab);
            probabilities[i] = probability(at, vocab, ids[i]);
        });
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
        double[] result = new double[positions.length];
        forEachLogits(batch, positions, (i, at, vocab) -> result[i] = logProbability(at, vocab, tokens[i]));
        return result;
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

    /** Takes the logits of one position: {@code vocab} values of {@link #logits} from {@code at}. */
    private interface LogitsReader {
        void read(int position, int at, int vocab);
    }

    private void forEachLogits(RaggedBatch batch, int[] positions, LogitsReader reader) {
        transformer.run(batch, positions, work);
        int vocab = transformer.config().vocabSize();
        for (int first = 0; first < positions.length; first += Workspace.CHUNK) {
            int count = Math.min(Workspace.CHUNK, positions.length - first);
            transformer.logits(work, positions, first, count, logits);
            for (int i = 0; i < count; i++) {
                reader.read(first + i, i * vocab, vocab);
            }
        }
    }

    private static int[] starts(RaggedBatch batch) {
        return IntStream.range(0, batch.rows()).filter(row -> batch.length(row) > 0).map(batch::start).toArray();
    }

    private int argmax(int at, int n) {
        int best = 0;
        for (int i = 1; i < n; i++) {
            if (logits[at + i] > logits[at + best]) {
                best = i;
            }
        }
        return best;
    }

    private double probability(int at, int n, int id) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += StrictMath.exp((double) logits[at + i] - logits[at + id]);
        }
        return 1 / sum;
    }

    /** Finite however improbable the token is, as long as the logits are. */
    private double logProbability(int at, int n, int id) {
        double largest = logits[at + argmax(at, n)];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += StrictMath.exp(logits[at + i] - largest);
        }
        return logits[at + id] - largest - StrictMath.log(sum);
    }
}
