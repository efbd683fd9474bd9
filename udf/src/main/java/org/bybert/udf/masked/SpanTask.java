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
import org.bybert.udf.words.Span;

/**
 * The logarithm of the probability of a part of a text: the sum over its bytes, all of them masked at once, in one forward
 * pass.
 */
public record SpanTask(ByteTokenizer tokenizer, TextReader reader)
        implements TextTask<SpanTask.Marked, Double, Double> {

    /** A text and its part, from {@code start} to before {@code end}, in UTF-16 units at ends of characters. */
    public record Marked(String text, int start, int end) {}

    /** @param options that cut no text */
    public SpanTask(ByBert model, BatchOptions options) {
        this(model.tokenizer(), new TextReader(model, options));
    }

    @Override
    public ReadText read(Marked marked) {
        return reader.readPlain(marked.text());
    }

    @Override
    public Pieces<Double, Double> pieces(Marked marked, ReadText read) {
        int start = tokenizer.encoding().byteLength(marked.text().substring(0, marked.start()));
        int length = tokenizer.encoding().byteLength(marked.text().substring(marked.start(), marked.end()));
        MaskableText text = new MaskableText(tokenizer, tokenizer.encodePlain(marked.text()), List.of());
        return Pieces.one(text.mask(List.of(new Span(start, start + length))), logProbability -> {
            if (!Double.isFinite(logProbability)) {
                throw TextProblem.scoresNotFinite();
            }
            return logProbability;
        });
    }

    @Override
    public List<Double> run(Session session, List<Piece> pieces) {
        double[] all = session.logProbabilities(Piece.batch(pieces), Piece.asked(pieces), Piece.targets(pieces));
        return Piece.slices(pieces, (from, to) -> Arrays.stream(all, from, to).sum());
    }
}
