package org.bybert.encoder.batch;

import java.util.List;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.MaskPredict;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.Session.Guess;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.MaskShorthand;
import org.bybert.encoder.text.MaskShorthand.Slot;

/**
 * Every mask of a text filled, all in one look at the whole text, or in several, of which each is a piece.
 *
 * @param needsMask whether a text without a mask is refused, and not answered with itself
 */
public record FillMaskTask(ByteTokenizer tokenizer, TextReader reader, boolean needsMask, FillOptions fill)
        implements TextTask<String, Guess, FilledText> {

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
        List<Slot> slots;
        try {
            slots = text == null ? List.of() : tokenizer.shorthand().slots(text);
        } catch (IllegalArgumentException e) {
            return reader.readMasks(text).refuse("mask length", e.getMessage());
        }
        if (OpenGaps.has(slots)) {
            return readOpen(text, slots);
        }
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

    /** The longest of the texts that are compared; none of them is cut. */
    private ReadText readOpen(String text, List<Slot> slots) {
        ReadText read = reader.readMasks(text);
        if (fill.decoding() == Decoding.BYTES) {
            return read.refuse(
                    "mask length",
                    "a gap of unknown length is filled with valid text (fill-mask: --format table or json); expected "
                            + "decode valid, found bytes");
        }
        long lengths = OpenGaps.lengths(slots);
        if (lengths > OpenGaps.MOST) {
            return read.refuse(
                    "mask length",
                    "the gaps of unknown length have " + lengths + " lengths together, at most " + OpenGaps.MOST
                            + " are tried; give ranges such as 3-12");
        }
        int[] most = slots.stream().mapToInt(Slot::most).toArray();
        return new TextReader(tokenizer, LongText.ERROR, reader.limit(), reader.specials(), reader.strict())
                .readMasks(tokenizer.shorthand().fill(text, slots, most));
    }

    @Override
    public Pieces<Guess, FilledText> pieces(String text, ReadText read) {
        List<Slot> slots = tokenizer.shorthand().slots(text);
        if (OpenGaps.has(slots)) {
            OpenGaps open = new OpenGaps(text, slots, fill);
            return Pieces.inPasses(open.texts(tokenizer.shorthand()).map(this::row), rows -> {
                rows.forEach(row -> open.add(checked(row.filled())));
                return open.best();
            });
        }
        return Pieces.inPasses(Stream.of(read.text()).map(this::row), rows -> {
            FilledText filled = checked(rows.get(0).filled());
            return fill.topK() > 0 ? filled : new FilledText(filled.text(), filled.masks(), filled.score());
        });
    }

    private MaskPredict row(String text) {
        return new MaskPredict(tokenizer, tokenizer.encode(text), options());
    }

    private static FilledText checked(FilledText filled) {
        if (filled.problem() != null) {
            throw new TextProblem(filled.problem());
        }
        if (filled.masks() > 0 && !Double.isFinite(filled.score())) {
            throw TextProblem.scoresNotFinite();
        }
        return filled;
    }

    /** Gaps of unknown length are compared by their candidates. */
    private FillOptions options() {
        return fill.decoding() == Decoding.VALID ? fill.withTopK(Math.max(1, fill.topK())) : fill;
    }

    @Override
    public List<Guess> run(Session session, List<Piece> pieces) {
        return session.guess(Piece.rows(pieces), options());
    }
}
