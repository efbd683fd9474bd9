package org.bybert.udf.masked;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextReader;
import org.bybert.encoder.batch.TextTask;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Unit;

/**
 * The mean log-likelihood per byte of a text whose words are masked in turn.
 *
 * <p>Let the text have words {@code w}, each a run of bytes; white space belongs to none. For each word one copy of the
 * text is read in which all bytes of this word, and nothing else, are masked. The score is
 * <pre>
 *   Σ_w Σ_(byte b of w) ln P(b | the copy for w)  /  number of bytes of all words
 * </pre>
 * where P is the softmax over the whole vocabulary at the byte's position: 0 or below, and the higher the better. (With
 * the unit {@code byte} this is the pseudo-log-likelihood of Salazar et al. 2020, "Masked Language Model Scoring", per
 * byte.) It costs one forward pass of the text per word; each copy is a piece, made when it is read, so that memory
 * does not grow with the number of words. The sum is kept in double precision, in the order of the text.
 */
public record ScoreTask(ByteTokenizer tokenizer, TextReader reader, Unit unit, Segmenter segmenter)
        implements TextTask<String, double[], Double> {

    public ScoreTask(ByBert model, BatchOptions options, Unit unit, Segmenter segmenter) {
        this(model.tokenizer(), new TextReader(model, options), unit, segmenter);
    }

    @Override
    public ReadText read(String text) {
        return reader.readPlain(text);
    }

    @Override
    public Pieces<double[], Double> pieces(String text, ReadText read) {
        MaskableText words = MaskableText.of(read.text(), segmenter.segment(read.text()), unit, tokenizer);
        Mean mean = new Mean();
        return new Pieces<>(
                words.units().stream().map(word -> words.mask(List.of(word))).iterator(), mean::add, mean::finish);
    }

    @Override
    public List<double[]> run(Session session, List<Piece> pieces) {
        double[] all = session.logProbabilities(Piece.batch(pieces), Piece.asked(pieces), Piece.targets(pieces));
        return Piece.slices(pieces, (from, to) -> Arrays.copyOfRange(all, from, to));
    }

    private static final class Mean {

        private double sum;
        private int bytes;

        void add(Piece copy, double[] logProbabilities) {
            for (double logProbability : logProbabilities) {
                sum += logProbability;
                bytes++;
            }
        }

        Double finish() {
            double mean = sum / bytes;
            if (!Double.isFinite(mean)) {
                throw TextProblem.scoresNotFinite();
            }
            return mean;
        }
    }
}
