package org.bybert.udf.masked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.udf.words.Span;
import org.junit.jupiter.api.Test;

class MaskableTextTest {

    @Test
    void theShareIsRoundedAndAtLeastOne() {
        int[][] sizeAndPicked = {{1, 1}, {2, 1}, {3, 1}, {9, 1}, {10, 2}, {16, 2}, {17, 3}, {100, 15}};
        for (int[] expected : sizeAndPicked) {
            assertEquals(
                    expected[1],
                    MaskableText.pick(spans(expected[0]), 0.15, 1, "x").size(),
                    "of " + expected[0]);
        }
        assertEquals(spans(7), MaskableText.pick(spans(7), 1, 1, "x"));
    }

    @Test
    void picksAreDistinctAndInTextOrder() {
        List<Span> picked = MaskableText.pick(spans(200), 0.4, 5, "y");
        assertEquals(80, new HashSet<>(picked).size());
        IntStream.range(1, picked.size())
                .forEach(i ->
                        assertTrue(picked.get(i - 1).start() < picked.get(i).start()));
    }

    @Test
    void seedAndIdDecide() {
        List<Span> picked = MaskableText.pick(spans(100), 0.15, 5, "y");
        assertEquals(picked, MaskableText.pick(spans(100), 0.15, 5, "y"));
        assertNotEquals(picked, MaskableText.pick(spans(100), 0.15, 6, "y"));
        assertNotEquals(picked, MaskableText.pick(spans(100), 0.15, 5, "z"));
    }

    private static List<Span> spans(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Span(3 * i, 3 * i + 3))
                .toList();
    }
}
