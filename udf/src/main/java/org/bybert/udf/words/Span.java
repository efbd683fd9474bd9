package org.bybert.udf.words;

import java.util.ArrayList;
import java.util.List;
import org.bybert.encoder.text.ByteEncoding;

/**
 * A stretch of bytes of a text in the model's encoding.
 *
 * @param start first byte
 * @param end   one after the last byte
 */
public record Span(int start, int end) {

    public int length() {
        return end - start;
    }

    /**
     * Spans of all units that are not white space: guessing a space says nothing about a model.
     *
     * @param pieces concatenate to the text
     */
    public static List<Span> of(List<String> pieces, Unit unit, ByteEncoding encoding) {
        List<Span> spans = new ArrayList<>(pieces.size());
        int at = 0;
        for (String piece : pieces) {
            int end = at + encoding.byteLength(piece);
            if (!isSpace(piece)) {
                int length = unit == Unit.BYTE ? 1 : end - at;
                for (int start = at; start < end; start += length) {
                    spans.add(new Span(start, start + length));
                }
            }
            at = end;
        }
        return spans;
    }

    /** Nothing but white space. */
    public static boolean isSpace(String piece) {
        return piece.codePoints().allMatch(Span::isSpace);
    }

    static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }
}
