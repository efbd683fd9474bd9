package org.bybert.encoder.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class UnpairedSurrogatesTest {

    private static void assertFound(int first, int count, String text) {
        assertEquals(first, ByteEncoding.firstUnpaired(text), text);
        assertEquals(count, count(text), text);
    }

    private static int count(String text) {
        int first = ByteEncoding.firstUnpaired(text);
        return first < 0 ? 0 : 1 + count(text.substring(first + 1));
    }

    @Test
    void soundTextsHaveNone() {
        assertFound(-1, 0, "");
        assertFound(-1, 0, "鯖の味噌煮");
        assertFound(-1, 0, "😀😀");
        assertFound(-1, 0, "\uD800\uDC00\uDBFF\uDFFF");
        assertFound(-1, 0, "\uE000\uD7FF\uFFFD");
    }

    @Test
    void eachHalfOnItsOwnCounts() {
        assertFound(0, 1, "\uD800");
        assertFound(0, 1, "\uDFFF");
        assertFound(1, 1, "鯖\uDBFF");
        assertFound(0, 1, "\uDC00鯖");
        assertFound(2, 1, "味噌\uD83D煮");
    }

    @Test
    void halvesInTheWrongOrderAreTwo() {
        assertFound(0, 2, "\uDE00\uD83D");
    }

    @Test
    void aPairIsNotTakenApartByItsNeighbours() {
        assertFound(0, 1, "\uD83D\uD83D\uDE00");
        assertFound(2, 1, "\uD83D\uDE00\uDE00");
        assertFound(0, 2, "\uDE00\uD83D\uDE00\uD83D");
        assertFound(0, 3, "\uD83D\uD83D\uD83D");
        assertFound(0, 3, "\uDE00\uDE00\uDE00");
    }

    @Test
    void theCountIsThatOfSurrogateCodePoints() {
        Random random = new Random(17);
        String letters = "a鯖\uD800\uDBFF\uDC00\uDFFF";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(8); n > 0; n--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            long expected =
                    text.codePoints().filter(c -> c >= 0xD800 && c <= 0xDFFF).count();
            assertEquals(expected, count(text.toString()));
        }
    }
}
