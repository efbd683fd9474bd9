package org.bybert.udf.words;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.bybert.encoder.text.ByteEncoding;
import org.junit.jupiter.api.Test;

class SpansTest {

    private static final ByteEncoding UTF_8 = ByteEncoding.named("utf-8", "test");

    @Test
    void spansAreBytesAndWhiteSpaceIsNoUnit() {
        assertEquals(
                List.of(new Span(0, 6), new Span(7, 8), new Span(11, 15)),
                Span.of(List.of("山道", " ", "a", "\u3000", "😀"), Unit.WORD, UTF_8));
    }

    @Test
    void aByteIsASpanOfItsOwn() {
        assertEquals(
                List.of(new Span(0, 1), new Span(1, 2), new Span(2, 3), new Span(4, 5)),
                Span.of(List.of("道", "\n", "b"), Unit.BYTE, UTF_8));
    }
}
