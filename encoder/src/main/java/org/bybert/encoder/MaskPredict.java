package org.bybert.encoder;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.Session.Guess;
import org.bybert.encoder.Session.Guess.GuessedCharacter;
import org.bybert.encoder.Session.Predictions;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.GapSearch.Filling;

/**
 * A row whose masks are filled in at most N passes, the surest characters first (Ghazvininejad et al. 2019, "Mask-Predict",
 * with characters for tokens; what is written stays). Let c be the number of characters of all gaps, those that stand and
 * those of the best valid filling of what is left. After pass i so many of the surest of the latter are written that i/N of
 * c stand, rounded up, and one at least; the others are masked in the next pass. After pass N, or before where there are
 * fewer characters, all stand.
 *
 * <p>A character is as sure as the product of the probabilities of those of its bytes that were masked; of equally sure ones
 * the first in the row is written first. The probability of a gap is the product of those of its characters, each as it was
 * when it was written. (Where bytes that are no text stand beside a gap and a pass cannot fill what is left, the one before
 * has filled it.) What is filled in one pass is answered as {@link Session#fillMask} answers it. For one thread.
 */
public final class MaskPredict {

    private final ByteTokenizer tokenizer;
    private final FillOptions options;
    private final int[] row;
    private int[] ids;
    private int passes;
    private int standing;
    private FilledText filled;
    private Predictions best;
    /** The first pass and the last one; they and what follows are null where all stands after one. */
    private Guess first;

    private Guess last;
    /** Characters of the last pass that do not stand yet. */
    private List<GuessedCharacter> left;
    /** Of what stands, at the place of each character. */
    private double[] logProbabilities;

    /** @param row its token ids, which are not changed */
    public MaskPredict(ByteTokenizer tokenizer, int[] row, FillOptions options) {
        this.tokenizer = tokenizer;
        this.options = options;
        this.row = row;
        this.ids = row;
    }

    /** What the next pass reads; the filled row when there is none. */
    public int[] ids() {
        return ids;
    }

    /** What the first pass finds most probable at each mask by itself. */
    public Predictions best() {
        return best;
    }

    /** How many there were. */
    public int passes() {
        return passes;
    }

    /** Null as long as there is another pass. */
    public FilledText filled() {
        return filled;
    }

    /** @param guess what a pass makes of {@link #ids} */
    public void add(Guess guess) {
        passes++;
        best = best == null ? guess.best() : best;
        if (first != null && guess.filled().problem() != null) {
            // Beside bytes that are no text what is left may look like another gap.
            write(left);
            filled = finish();
            return;
        }
        List<GuessedCharacter> surest = new ArrayList<>(guess.characters());
        surest.sort(Comparator.comparingDouble(GuessedCharacter::logProbability).reversed());
        long all = (long) standing + surest.size();
        long due = (all * passes + options.passes() - 1) / options.passes();
        int count = (int) Math.min(surest.size(), Math.max(1, due - standing));
        if (first == null && count == surest.size()) {
            ids = guess.ids();
            filled = guess.filled();
            return;
        }
        if (first == null) {
            first = guess;
            logProbabilities = new double[row.length];
        }
        last = guess;
        write(surest.subList(0, count));
        left = surest.subList(count, surest.size());
        if (left.isEmpty()) {
            filled = finish();
        }
    }

    private void write(List<GuessedCharacter> characters) {
        int[] next = ids.clone();
        for (GuessedCharacter character : characters) {
            int at = character.start();
            System.arraycopy(last.ids(), at, next, at, character.length());
            logProbabilities[at] = character.logProbability();
        }
        ids = next;
        standing += characters.size();
    }

    private FilledText finish() {
        List<FilledGap> gaps = new ArrayList<>();
        for (int i = 0; i < first.filled().gaps().size(); i++) {
            FilledGap gap = first.filled().gaps().get(i);
            Filling filling = first.fillings().get(i);
            int end = filling.start() + filling.ids().length;
            Candidate only = new Candidate(tokenizer.decode(ids, filling.start(), end), sum(filling.start(), end));
            gaps.add(new FilledGap(gap.start(), gap.length(), List.of(only), gap.margin()));
        }
        int masks = first.filled().masks();
        double score = StrictMath.exp(sum(0, row.length) / masks);
        first = null;
        last = null;
        left = null;
        logProbabilities = null;
        return new FilledText(tokenizer.decode(ids), masks, score, gaps, null);
    }

    private double sum(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += logProbabilities[i];
        }
        return sum;
    }
}
