package org.bybert.encoder.model;

/**
 * Logarithms of the softmax over the whole vocabulary at some positions of a batch, each call in one forward pass. Sums
 * are kept in double precision, in the order of the vocabulary. For one thread: its buffers are reused.
 */
public final class LogSoftmax {

    private final Transformer transformer;
    private final Workspace work;
    private final float[] logits;

    public LogSoftmax(Transformer transformer, Workspace work) {
        this.transformer = transformer;
        this.work = work;
        this.logits = new float[Workspace.CHUNK * transformer.config().vocabSize()];
    }

    /**
     * Natural logarithms of the probabilities of given tokens: finite however improbable a token is, as long as the
     * logits are.
     *
     * @param positions in the batch, see {@link RaggedBatch#start}
     * @param tokens    a token id for each position
     */
    public double[] of(RaggedBatch batch, int[] positions, int[] tokens) {
        double[] result = new double[positions.length];
        forEach(batch, positions, (i, at, best) ->
                result[i] = logits[at + tokens[i]] - (double) logits[best] - StrictMath.log(sum(at, best)));
        return result;
    }

    /**
     * The most probable tokens.
     *
     * @param ids           receives the token at each position, the lowest where several are equal
     * @param probabilities receives its probability
     */
    public void best(RaggedBatch batch, int[] positions, int[] ids, double[] probabilities) {
        forEach(batch, positions, (i, at, best) -> {
            ids[i] = best - at;
            probabilities[i] = 1 / sum(at, best);
        });
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

    /** Of the exponentials of all logits less the largest, so that none overflows. */
    private double sum(int at, int best) {
        double sum = 0;
        for (int i = at; i < at + transformer.config().vocabSize(); i++) {
            sum += StrictMath.exp((double) logits[i] - logits[best]);
        }
        return sum;
    }
}
