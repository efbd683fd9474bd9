package org.bybert.encoder;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import org.bybert.encoder.text.GapSearch;

/**
 * How masks are filled.
 *
 * @param topK     candidates that are asked for, for each gap; 0 for none
 * @param lengthBy what texts of different lengths are compared by
 */
public record FillOptions(Decoding decoding, int topK, LengthBy lengthBy) implements Serializable {

    /** What the logarithm of a text's probability is divided by. */
    public enum LengthBy {
        /** The number of its characters (code points). */
        CHAR,
        /** The number of its bytes. */
        BYTE
    }

    /** What the bytes of a gap may be. */
    public enum Decoding {
        /** The most probable valid text. */
        VALID,
        /** The most probable token at each mask by itself, as the model card's script has it; it may be no text. */
        BYTES
    }

    public static final FillOptions DEFAULTS = new FillOptions(Decoding.VALID, 0, LengthBy.CHAR);

    public FillOptions {
        if (topK < 0 || topK > GapSearch.MOST) {
            throw new IllegalArgumentException(
                    "top k: expected 0 (no candidates) to " + GapSearch.MOST + ", found " + topK);
        }
        if (topK > 0 && decoding == Decoding.BYTES) {
            throw new IllegalArgumentException("top k: candidates are valid text; expected decode valid, found bytes");
        }
    }

    /** By their names in SQL. */
    public Map<String, String> deciding() {
        return Map.of(
                "decode", decoding.name().toLowerCase(Locale.ROOT),
                "top_k", String.valueOf(topK),
                "length_by", lengthBy.name().toLowerCase(Locale.ROOT));
    }

    public FillOptions withDecoding(Decoding decoding) {
        return new FillOptions(decoding, topK, lengthBy);
    }

    public FillOptions withTopK(int topK) {
        return new FillOptions(decoding, topK, lengthBy);
    }
}
