package org.bybert.udf.masked;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Session;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextReader;
import org.bybert.encoder.batch.TextTask;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Span;
import org.bybert.udf.words.Unit;

/**
 * The log-likelihood of a text whose words are masked in turn.
 *
 * <p>Let the text have words {@code w}, each a run of bytes; white space belongs to none. The score is
 * <pre>
 *   Σ_w Σ_(byte b of w) ln P(b | a copy of the text)  /  number of bytes of all words
 * </pre>
 * where P is the softmax over the whole vocabulary at the byte's position: 0 or below, and the higher the better. In the
 * copy, {@code b} and what {@link ScoreMethod} says are masked, and nothing else. The unit {@code char} or {@code byte} is
 * another word for "word": whole words of one byte each are what the method {@code byte} reads, too. It costs one forward
 * pass of the text per word, or per byte; each copy is a piece, made when it is read, so that memory does not grow with
 * their number. The sum is kept in double precision, in the order of the text.
 *
 * @param unit what takes the place of a word; goes with the method
 */
public record ScoreTask(ByteTokenizer tokenizer, TextReader reader, ScoreMethod method, Unit unit, Segmenter segmenter)
        implements TextTask<String, double[], TextScore> {

    /** @throws IllegalArgumentException where the unit does not go with the method */
    public ScoreTask {
        unit = method.unit(unit);
    }

    /**
     * @param unit null for that of the method
     * @throws IllegalArgumentException where the unit does not go with the method
     */
    public ScoreTask(ByBert model, BatchOptions options, ScoreMethod method, Unit unit, Segmenter segmenter) {
        this(model.tokenizer(), new TextReader(model, options), method, unit, segmenter);
    }

    @Override
    public ReadText read(String text) {
        return reader.readPlain(text);
    }

    @Override
    public Pieces<double[], TextScore> pieces(String text, ReadText read) {
        List<String> pieces = segmenter.segment(read.text());
        MaskableText words = MaskableText.of(read.text(), pieces, unit, tokenizer);
        int characters = pieces.stream()
                .filter(Predicate.not(Span::isSpace))
                .mapToInt(piece -> piece.codePointCount(0, piece.length()))
                .sum();
        Sum sum = new Sum(characters);
        Stream<Piece> copies = method == ScoreMethod.WORD_L2R
                ? ends(words.units()).stream().map(words::maskEnd)
                : words.units().stream().map(word -> words.mask(List.of(word)));
        return new Pieces<>(copies.iterator(), sum::add, sum::finish);
    }

    /** From each byte of a word to the word's end; a list, as a stream of streams would make the copies of a word at once. */
    private static List<Span> ends(List<Span> words) {
        return words.stream()
                .flatMap(word -> IntStream.range(word.start(), word.end()).mapToObj(at -> new Span(at, word.end())))
                .toList();
    }

    @Override
    public List<double[]> run(Session session, List<Piece> pieces) {
        double[] all = session.logProbabilities(Piece.batch(pieces), Piece.asked(pieces), Piece.targets(pieces));
        return Piece.slices(pieces, (from, to) -> Arrays.copyOfRange(all, from, to));
    }

    private static final class Sum {

        private final int characters;
        private double sum;
        private int bytes;

        Sum(int characters) {
            this.characters = characters;
        }

        void add(Piece copy, double[] logProbabilities) {
            for (double logProbability : logProbabilities) {
                sum += logProbability;
                bytes++;
            }
        }

        TextScore finish() {
            if (!Double.isFinite(sum)) {
                throw TextProblem.scoresNotFinite();
            }
            return new TextScore(sum, bytes, characters);
        }
    }
}
