package org.bybert.encoder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.GapSearch;
import org.bybert.encoder.text.GapSearch.Filling;
import org.bybert.encoder.text.GapSearch.Gap;

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
     * @param text    the text with its masks filled; null where there is a problem
     * @param masks   number of masks
     * @param score   geometric mean of the probabilities of the tokens filled in; NaN where there was no mask
     * @param gaps    runs of masks and what fits best there, see {@link FillOptions#topK}; empty where it was not asked
     *                for
     * @param problem why no text fits, as {@code kind: details}; else null
     */
    public record FilledText(String text, int masks, double score, List<FilledGap> gaps, String problem) {

        /** A text of whose gaps nothing is known. */
        public FilledText(String text, int masks, double score) {
            this(text, masks, score, List.of(), null);
        }
    }

    /**
     * A run of masks.
     *
     * @param start  bytes of the text before it, in the model's encoding; a mask or another special token counts as one
     * @param length number of masks
     * @param margin of a gap of unknown length or with targets: by how much the best text's logarithm of the probability per
     *               character, or byte, is above that of the best text of another length, or of the next target; else NaN
     */
    public record FilledGap(int start, int length, List<Candidate> candidates, double margin) {}

    /**
     * What may stand in a gap.
     *
     * @param logProbability sum of the natural logarithms of the probabilities of its bytes
     * @param probability    its exponential; of a target its share among the targets
     */
    public record Candidate(String text, double logProbability, double probability) {

        /** Of all that may stand there. */
        public Candidate(String text, double logProbability) {
            this(text, logProbability, StrictMath.exp(logProbability));
        }
    }

    /** Fills every mask of every row with the most probable valid text. */
    public List<FilledText> fillMask(List<int[]> rows) {
        return fillMask(rows, FillOptions.DEFAULTS);
    }

    /** Fills every mask of every row, in one forward pass or in several, see {@link MaskPredict}. */
    public List<FilledText> fillMask(List<int[]> rows, FillOptions options) {
        List<MaskPredict> all = rows.stream()
                .map(row -> new MaskPredict(tokenizer, row, options))
                .toList();
        List<MaskPredict> left = all;
        while (!left.isEmpty()) {
            List<Guess> guesses = guess(left.stream().map(MaskPredict::ids).toList(), options);
            for (int i = 0; i < guesses.size(); i++) {
                left.get(i).add(guesses.get(i));
            }
            left = left.stream().filter(row -> row.filled() == null).toList();
        }
        return all.stream().map(MaskPredict::filled).toList();
    }

    /**
     * What one forward pass makes of a row.
     *
     * @param filled     the row with every mask filled
     * @param ids        of the same
     * @param best       most probable tokens at the masks, whatever text they make
     * @param fillings   what was put in each gap; empty where {@code best} was, as bytes
     * @param characters those of them of which bytes were masked, where there may be several passes; else empty
     */
    public record Guess(
            FilledText filled, int[] ids, Predictions best, List<Filling> fillings, List<GuessedCharacter> characters) {

        /**
         * A character that was filled in.
         *
         * @param start          place in the row
         * @param length         number of its bytes
         * @param logProbability sum of the natural logarithms of the probabilities of those that were masked
         */
        public record GuessedCharacter(int start, int length, double logProbability) {}
    }

    /** Fills every mask of every row in one forward pass, whatever the number of passes. */
    public List<Guess> guess(List<int[]> rows, FillOptions options) {
        RaggedBatch batch = RaggedBatch.of(rows);
        int[] ids = batch.ids();
        int maskId = tokenizer.maskId();
        int[] positions =
                IntStream.range(0, ids.length).filter(i -> ids[i] == maskId).toArray();
        MaskLogits masks = new MaskLogits(positions.length, options.decoding() == Decoding.VALID);
        forEach(batch, positions, masks::read);
        List<Guess> guesses = new ArrayList<>(batch.rows());
        int next = 0;
        for (int[] row : rows) {
            guesses.add(masks.fill(row, next, options));
            next += (int) Arrays.stream(row).filter(id -> id == maskId).count();
        }
        return guesses;
    }

    /** What the model says of the masks of a batch. */
    private final class MaskLogits {

        private final int[] best;
        /** Of the best token. */
        private final double[] probabilities;

        private final double[] logProbabilities;
        /** Null where the best tokens are all that is asked for. */
        private final float[] bytes;

        private final float[] largest;

        MaskLogits(int masks, boolean valid) {
            best = new int[masks];
            probabilities = new double[masks];
            logProbabilities = new double[masks];
            largest = new float[masks];
            bytes = valid ? new float[GapSearch.BYTES * masks] : null;
        }

        void read(int mask, int at, int mostProbable) {
            best[mask] = mostProbable - at;
            probabilities[mask] = 1 / sum(at, mostProbable);
            logProbabilities[mask] = StrictMath.log(probabilities[mask]);
            largest[mask] = logits[mostProbable];
            if (bytes != null) {
                System.arraycopy(logits, at + tokenizer.idOf(0), bytes, GapSearch.BYTES * mask, GapSearch.BYTES);
            }
        }

        /** @param first index of the row's first mask */
        Guess fill(int[] row, int first, FillOptions options) {
            int[] filled = row.clone();
            int masks = 0;
            double logProbability = 0;
            for (int i = 0; i < row.length; i++) {
                if (row[i] == tokenizer.maskId()) {
                    filled[i] = best[first + masks];
                    logProbability += logProbabilities[first + masks++];
                }
            }
            Predictions predictions = new Predictions(
                    Arrays.copyOfRange(best, first, first + masks),
                    Arrays.copyOfRange(probabilities, first, first + masks));
            List<Filling> chosen = new ArrayList<>();
            List<FilledGap> gaps = new ArrayList<>();
            List<Guess.GuessedCharacter> characters = new ArrayList<>();
            if (bytes != null && masks > 0) {
                GapSearch search = new GapSearch(tokenizer, row, first, bytes, largest);
                for (Gap gap : search.gaps()) {
                    List<Filling> fillings = search.best(gap, Math.max(1, options.topK()));
                    if (fillings.isEmpty()) {
                        FilledText none = new FilledText(null, masks, Double.NaN, List.of(), search.problem(gap));
                        return new Guess(none, row, predictions, List.of(), List.of());
                    }
                    Filling filling = fillings.get(0);
                    chosen.add(filling);
                    System.arraycopy(filling.ids(), 0, filled, filling.start(), filling.ids().length);
                    logProbability += filling.score();
                    if (options.topK() > 0) {
                        gaps.add(candidates(row, gap, fillings));
                    }
                    if (options.passes() > 1) {
                        search.characters(gap, filling)
                                .forEach(c -> characters.add(new Guess.GuessedCharacter(
                                        c.start(), c.length(), sumOfBest(c.firstMask(), c.masks()) + c.score())));
                    }
                }
            }
            FilledText text = new FilledText(
                    tokenizer.decode(filled),
                    masks,
                    masks == 0 ? Double.NaN : StrictMath.exp(logProbability / masks),
                    gaps,
                    null);
            return new Guess(text, filled, predictions, chosen, characters);
        }

        private double sumOfBest(int firstMask, int masks) {
            double sum = 0;
            for (int mask = firstMask; mask < firstMask + masks; mask++) {
                sum += logProbabilities[mask];
            }
            return sum;
        }

        private FilledGap candidates(int[] row, Gap gap, List<Filling> fillings) {
            double sum = sumOfBest(gap.firstMask(), gap.masks());
            return new FilledGap(
                    gap.start() - tokenizer.textStart(row),
                    gap.length(),
                    fillings.stream()
                            .map(filling -> new Candidate(
                                    tokenizer.decode(filling.ids(), 0, filling.ids().length), sum + filling.score()))
                            .toList(),
                    Double.NaN);
        }
    }
}
