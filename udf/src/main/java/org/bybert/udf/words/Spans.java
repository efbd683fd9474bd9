package org.bybert.udf.words;

import java.util.ArrayList;
import java.util.List;
import org.bybert.encoder.text.ByteEncoding;

/** Where the units of a text lie in its bytes. */
public final class Spans {

    private Spans() {
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
            if (!piece.codePoints().allMatch(Spans::isSpace)) {
                for (int start = at; unit == Unit.BYTE && start < end; start++) {
                    spans.add(new Span(start, start + 1));
                }
                if (unit != Unit.BYTE) {
                    spans.add(new Span(at, end));
                }
            }
            at = end;
        }
        return spans;
    }

    private static boolean isSpace(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }
}
