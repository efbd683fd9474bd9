package org.bybert.encoder.batch;

import java.util.List;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.MaskShorthand;

/**
 * Every mask of a text filled, all in one look at the whole text.
 *
 * @param needsMask whether a text without a mask is refused, and not answered with itself
 */
public record FillMaskTask(ByteTokenizer tokenizer, TextReader reader, boolean needsMask, FillOptions fill)
        implements TextTask<String, FilledText, FilledText> {

    /**
     * A text without a mask is answered with itself.
     *
     * @throws IllegalArgumentException as {@link #check}
     */
    public FillMaskTask(ByBert model, BatchOptions options) {
        this(model, options, FillOptions.DEFAULTS);
    }

    /**
     * A text without a mask is answered with itself.
     *
     * @throws IllegalArgumentException as {@link #check}
     */
    public FillMaskTask(ByBert model, BatchOptions options, FillOptions fill) {
        this(model.tokenizer(), new TextReader(model, options), false, fill);
        check(options);
    }

    /** @throws IllegalArgumentException where long texts are to be split */
    public static void check(BatchOptions options) {
        if (options.longText() == LongText.SPLIT) {
            throw new IllegalArgumentException("long text: masks are filled in one look at the whole text, so that it "
                    + "cannot be split; expected truncate or error");
        }
    }

    @Override
    public ReadText read(String text) {
        ReadText read = reader.readMasks(text);
        if (!needsMask || text == null) {
            return read;
        }
        if (text.isEmpty()) {
            return read.refuse("empty text", "it has no characters");
        }
        if (tokenizer.masks(tokenizer.expandMasks(text, 1).text()) == 0) {
            return read.refuse(
                    "no mask",
                    "expected " + tokenizer.maskText() + ", once per byte, or its shorthand for 1 to "
                            + MaskShorthand.MOST);
        }
        return !read.truncated() || tokenizer.masks(read.text()) > 0
                ? read
                : read.refuse("no mask left", "the text was cut at " + reader.limit() + " tokens");
    }

    @Override
    public Pieces<FilledText, FilledText> pieces(String text, ReadText read) {
        return Pieces.one(new Piece(tokenizer.encode(read.text())), filled -> {
            if (filled.problem() != null) {
                throw new TextProblem(filled.problem());
            }
            if (filled.masks() > 0 && !Double.isFinite(filled.score())) {
                throw TextProblem.scoresNotFinite();
            }
            return filled;
        });
    }

    @Override
    public List<FilledText> run(Session session, List<Piece> pieces) {
        return session.fillMask(Piece.rows(pieces), fill);
    }
}
