package org.bybert.encoder.batch;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.Pooling;

/**
 * How texts are answered, and how they are put together for it. Only the first five decide what the answers are.
 *
 * @param pooling     of embeddings
 * @param normalize   scale embeddings to length 1 (L2)
 * @param maxBytes    longest text, in bytes of the model's encoding (a special token counts as one); 0 stands for as
 *                    many tokens as the model's {@code max_position_embeddings}, those that the tokenizer adds included
 * @param longText    what happens to longer ones
 * @param specials    what the text of a special token stands for in an embedded text
 * @param batchBytes  tokens that are computed at once, of which a byte is one; a longer text is a batch of its own
 * @param windowRows  rows that are read ahead at most
 * @param windowBytes text and binary data that is read ahead, roughly; one row more is read than fits
 */
public record BatchOptions(
        Pooling pooling,
        boolean normalize,
        int maxBytes,
        LongText longText,
        SpecialTokens specials,
        int batchBytes,
        int windowRows,
        int windowBytes)
        implements Serializable {

    /** In bytes, of any encoding. */
    static final int LONGEST_CHARACTER = 4;

    public static final BatchOptions DEFAULTS =
            new BatchOptions(Pooling.MEAN, false, 0, LongText.ERROR, SpecialTokens.TEXT, 2048, 4096, 4 << 20);

    public BatchOptions {
        if (maxBytes != 0 && maxBytes < LONGEST_CHARACTER) {
            throw new IllegalArgumentException("maximum of bytes: expected 0 (the model's own) or at least "
                    + LONGEST_CHARACTER + ", found " + maxBytes);
        }
        if (batchBytes < 1 || windowRows < 1 || windowBytes < 1) {
            throw new IllegalArgumentException("batch bytes, window rows and window bytes: expected at least 1, found "
                    + batchBytes + ", " + windowRows + " and " + windowBytes);
        }
    }

    /** The options that decide what the answers are, by their names in SQL; the caller's own map. */
    public Map<String, String> deciding() {
        Map<String, String> options = new TreeMap<>();
        options.put("pooling", pooling.name().toLowerCase(Locale.ROOT));
        options.put("normalize", String.valueOf(normalize));
        options.put("max_bytes", String.valueOf(maxBytes));
        options.put("long_text", longText.name().toLowerCase(Locale.ROOT));
        options.put("special_tokens", specials.name().toLowerCase(Locale.ROOT));
        return options;
    }

    public BatchOptions withPooling(Pooling pooling, boolean normalize) {
        return new BatchOptions(pooling, normalize, maxBytes, longText, specials, batchBytes, windowRows, windowBytes);
    }

    public BatchOptions withLimit(int maxBytes, LongText longText) {
        return new BatchOptions(pooling, normalize, maxBytes, longText, specials, batchBytes, windowRows, windowBytes);
    }

    public BatchOptions withSpecials(SpecialTokens specials) {
        return new BatchOptions(pooling, normalize, maxBytes, longText, specials, batchBytes, windowRows, windowBytes);
    }

    public BatchOptions withBatchBytes(int batchBytes) {
        return new BatchOptions(pooling, normalize, maxBytes, longText, specials, batchBytes, windowRows, windowBytes);
    }

    public BatchOptions withWindow(int windowRows, int windowBytes) {
        return new BatchOptions(pooling, normalize, maxBytes, longText, specials, batchBytes, windowRows, windowBytes);
    }
}
