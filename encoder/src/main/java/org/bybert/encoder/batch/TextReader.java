package org.bybert.encoder.batch;

import java.util.Locale;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.TextTask.ReadText;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.MaskShorthand;
import org.bybert.encoder.text.MaskShorthand.Expanded;

/**
 * What is read of a text: the one rule for null, for unpaired surrogates and for long texts. The length is looked at
 * before anything is encoded, so that a text of many megabytes costs no more memory than what is read of it: of one that
 * is cut, the rest is only measured and looked at for unpaired surrogates. White space beside a special token counts, even where the token swallows it.
 *
 * <p>A text that is split becomes windows that begin and end between characters. Each is the longest that fits; the
 * next one begins an eighth of the limit before its end, or up to six bytes more, as characters allow (a limit below
 * eight bytes leaves no room for that). The last window ends with the text and may be short.
 *
 * @param limit    longest text in tokens, those that the tokenizer adds included
 * @param specials what the text of a special token stands for
 * @param strict   whether nothing is repaired, and an empty text is refused like a null one
 */
public record TextReader(
        ByteTokenizer tokenizer, LongText longText, int limit, SpecialTokens specials, boolean strict) {

    private static final int OVERLAP = 8;

    /** @throws ModelException where the model's longest text holds no character */
    public TextReader(ByBert model, BatchOptions options) {
        this(model.tokenizer(), model.config().maxPositionEmbeddings(), options);
    }

    /** As {@link #TextReader(ByBert, BatchOptions)}, for a model of which the weights are not needed. */
    public TextReader(ByteTokenizer tokenizer, int maxPositions, BatchOptions options) {
        this(
                tokenizer,
                options.longText(),
                options.maxBytes() == 0
                        ? maxPositions
                        : (int) Math.min(Integer.MAX_VALUE, (long) options.maxBytes() + tokenizer.addedTokens()),
                options.specials(),
                false);
        if (limit < BatchOptions.LONGEST_CHARACTER + tokenizer.addedTokens()) {
            throw new ModelException("max_position_embeddings: expected room for at least one character, found "
                    + maxPositions + " tokens; give another longest length");
        }
    }

    /** For measurements, in which no text is too long. */
    public static TextReader strict(ByteTokenizer tokenizer) {
        return new TextReader(tokenizer, LongText.ERROR, Integer.MAX_VALUE, SpecialTokens.TEXT, true);
    }

    /** What is read of data. */
    public ReadText read(String text) {
        return read(new Expanded(text, 0), isPlain(), longText);
    }

    /**
     * What is read of a prompt, in which the text of a special token stands for that token, with every
     * {@link MaskShorthand} written out as far as the text is read.
     */
    public ReadText readMasks(String text) {
        return read(text == null ? new Expanded(null, 0) : tokenizer.expandMasks(text, limit), false, whole());
    }

    /** What is read of data that is masked: nothing in it stands for a special token, and it is read in one piece. */
    public ReadText readPlain(String text) {
        return read(new Expanded(text, 0), true, whole());
    }

    private boolean isPlain() {
        return specials == SpecialTokens.TEXT;
    }

    private LongText whole() {
        return longText == LongText.SPLIT ? LongText.ERROR : longText;
    }

    private ReadText read(Expanded expanded, boolean plain, LongText longText) {
        String text = expanded.text();
        if (text == null) {
            return ReadText.refused(null, false, strict ? "null text: the text column is null" : "null text");
        }
        ByteEncoding encoding = tokenizer.encoding();
        long left = expanded.left();
        long all = encoding.byteLength(text) + (left == 0 ? 0 : left * encoding.byteLength(tokenizer.maskText()));
        int bytes = (int) Math.min(Integer.MAX_VALUE, all);
        int unpaired = ByteEncoding.firstUnpaired(text);
        ReadText read = new ReadText(text, bytes, false, unpaired >= 0, false, null);
        if (strict && text.isEmpty()) {
            return read.refuse("empty text", "the text has no characters");
        }
        if (strict && unpaired >= 0) {
            return read.refuse(
                    "invalid Unicode",
                    String.format(
                            Locale.ROOT,
                            "unpaired surrogate U+%04X at index %d",
                            (int) text.charAt(unpaired),
                            unpaired));
        }
        // A special token is no longer than its text, so that few texts have to be looked at for them.
        long most = all + tokenizer.addedTokens();
        if (most <= limit) {
            return read;
        }
        if (longText == LongText.ERROR) {
            long tokens = plain ? most : tokenizer.tokens(text) + left;
            return tokens <= limit ? read : read.refuse("too long", tokens + " tokens, the limit is " + limit);
        }
        int end = tokenizer.end(text, 0, limit, plain);
        if (end == text.length() && left == 0) {
            return read;
        }
        return longText == LongText.TRUNCATE
                ? new ReadText(text.substring(0, end), bytes, true, unpaired >= 0, false, null)
                : new ReadText(text, bytes, false, unpaired >= 0, true, null);
    }

    /** Token ids of data that is read, window by window where it is split; each is encoded when it is asked for. */
    public Stream<int[]> windows(ReadText read) {
        String text = read.text();
        int room = limit - tokenizer.addedTokens();
        // From a window's first byte to the next one's at most: a window may lack bytes where no character fits.
        int stride =
                Math.max(BatchOptions.LONGEST_CHARACTER, room - room / OVERLAP - (BatchOptions.LONGEST_CHARACTER - 1))
                        + tokenizer.addedTokens();
        IntUnaryOperator end = start -> read.split() ? tokenizer.end(text, start, limit, isPlain()) : text.length();
        return IntStream.iterate(
                        0,
                        start -> start >= 0,
                        start -> end.applyAsInt(start) == text.length()
                                ? -1
                                : tokenizer.end(text, start, stride, isPlain()))
                .mapToObj(start -> text.substring(start, end.applyAsInt(start)))
                .map(isPlain() ? tokenizer::encodePlain : tokenizer::encode);
    }
}
