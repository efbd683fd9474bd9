package org.bybert.udf.batch;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.UnpairedSurrogates;

/**
 * From a text to the token ids that the model reads: the rule that all functions share. The length is looked at before
 * anything is encoded, so that a text of many megabytes costs no more memory than what is read of it. White space beside
 * a special token counts, even where the token swallows it.
 *
 * <p>A text that is split becomes windows that begin and end between characters. Each is the longest that fits; the
 * next one begins an eighth of the limit before its end, or up to six bytes more, as characters allow (a limit below
 * eight bytes leaves no room for that). The last window ends with the text and may be short.
 */
public final class TextReader {

    private static final int OVERLAP = 8;

    private final ByteTokenizer tokenizer;
    private final LongText longText;
    private final int limit;
    /** From a window's first byte to the next one's at most: a window may lack bytes where no character fits. */
    private final int stride;

    /** @throws ModelException where the model's longest text holds no character */
    public TextReader(ByBert encoder, BatchOptions options) {
        this(encoder.tokenizer(), encoder.config().maxPositionEmbeddings(), options);
    }

    public TextReader(ByteTokenizer tokenizer, int maxPositions, BatchOptions options) {
        this.tokenizer = tokenizer;
        this.longText = options.longText();
        this.limit = options.maxBytes() == 0 ? maxPositions
                : (int) Math.min(Integer.MAX_VALUE, (long) options.maxBytes() + tokenizer.addedTokens());
        if (limit < BatchOptions.LONGEST_CHARACTER + tokenizer.addedTokens()) {
            throw new ModelException("max_position_embeddings: expected room for at least one character, found "
                    + maxPositions + " tokens; give another longest length");
        }
        int room = limit - tokenizer.addedTokens();
        this.stride = Math.max(BatchOptions.LONGEST_CHARACTER,
                room - room / OVERLAP - (BatchOptions.LONGEST_CHARACTER - 1));
    }

    /** Longest text in tokens, those that the tokenizer adds included. */
    public int limit() {
        return limit;
    }

    /**
     * What is to be done with a text.
     *
     * @param text null is an error like any other
     */
    public ReadText read(String text) {
        if (text == null) {
            return ReadText.failed(null, false, "null text");
        }
        int bytes = tokenizer.encoding().byteLength(text);
        boolean repaired = UnpairedSurrogates.first(text) >= 0;
        // A special token is no longer than its text, so that few texts have to be looked at for them.
        int most = bytes + tokenizer.addedTokens();
        int tokens = most <= limit ? most : tokenizer.tokens(text);
        if (tokens <= limit) {
            return new ReadText(bytes, false, repaired, null, false, new Pieces(text, false));
        }
        return switch (longText) {
            case ERROR -> ReadText.failed(bytes, repaired,
                    "too long: " + tokens + " tokens, the limit is " + limit);
            case TRUNCATE -> new ReadText(bytes, true, repaired, null, false,
                    new Pieces(tokenizer.truncate(text, limit), false));
            case SPLIT -> new ReadText(bytes, false, repaired, null, true, new Pieces(text, true));
        };
    }

    /** Encodes when it is asked to: texts that wait cost no ids. */
    private final class Pieces implements Iterator<int[]> {

        private final String text;
        private final boolean split;
        private int start;
        private boolean ended;

        Pieces(String text, boolean split) {
            this.text = text;
            this.split = split;
        }

        @Override
        public boolean hasNext() {
            return !ended;
        }

        @Override
        public int[] next() {
            if (ended) {
                throw new NoSuchElementException();
            }
            int end = split ? tokenizer.end(text, start, limit) : text.length();
            int[] ids = tokenizer.encode(text.substring(start, end));
            ended = end == text.length();
            if (!ended) {
                start = tokenizer.end(text, start, stride + tokenizer.addedTokens());
            }
            return ids;
        }
    }
}
