package org.bybert.encoder;

import java.io.Serializable;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.text.GapSearch;

/**
 * How masks are filled.
 *
 * @param topK     candidates that are asked for, for each gap; 0 for none
 * @param lengthBy what texts of different lengths are compared by
 * @param passes   most forward passes, see {@link MaskPredict}; with several a gap has one candidate at most
 */
public record FillOptions(Decoding decoding, int topK, LengthBy lengthBy, int passes) implements Serializable {

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

    public static final FillOptions DEFAULTS = new FillOptions(Decoding.VALID, 0, LengthBy.CHAR, 1);

    public FillOptions {
        if (topK < 0 || topK > GapSearch.MOST) {
            throw new IllegalArgumentException(
                    "top k: expected 0 (no candidates) to " + GapSearch.MOST + ", found " + topK);
        }
        if (topK > 0 && decoding == Decoding.BYTES) {
            throw new IllegalArgumentException("top k: candidates are valid text; expected decode valid, found bytes");
        }
        if (passes < 1) {
            throw new IllegalArgumentException("passes: expected 1 or more, found " + passes);
        }
        if (passes > 1 && (topK > 1 || decoding == Decoding.BYTES)) {
            throw new IllegalArgumentException(
                    "passes: of several each writes characters of the best text; expected decode valid and top k of at most "
                            + "1, found " + (topK > 1 ? "top k " + topK : "decode bytes"));
        }
    }

    /** By their names in SQL. One pass has none: what was computed before there were several is the same. */
    public Map<String, String> deciding() {
        Map<String, String> deciding = new TreeMap<>(Map.of(
                "decode", decoding.name().toLowerCase(Locale.ROOT),
                "top_k", String.valueOf(topK),
                "length_by", lengthBy.name().toLowerCase(Locale.ROOT)));
        if (passes > 1) {
            deciding.put("passes", String.valueOf(passes));
        }
        return deciding;
    }

    public FillOptions withDecoding(Decoding decoding) {
        return new FillOptions(decoding, topK, lengthBy, passes);
    }

    public FillOptions withTopK(int topK) {
        return new FillOptions(decoding, topK, lengthBy, passes);
    }

    public FillOptions withPasses(int passes) {
        return new FillOptions(decoding, topK, lengthBy, passes);
    }
}
