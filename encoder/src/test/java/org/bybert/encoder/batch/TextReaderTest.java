package org.bybert.encoder.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Golden;
import org.bybert.encoder.batch.TextTask.ReadText;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.text.ByteTokenizer;
import org.junit.jupiter.api.Test;

class TextReaderTest {

    /** With one token before each text. */
    private static final ByteTokenizer TOKENIZER = ByBert.check(
                    Golden.folder("utf8-bf16"), Map.of("add_bos_token", "true"))
            .tokenizer();

    private static TextReader reader(int maxBytes, LongText longText, SpecialTokens specials) {
        return new TextReader(
                TOKENIZER,
                3072,
                BatchOptions.DEFAULTS.withLimit(maxBytes, longText).withSpecials(specials));
    }

    private static ReadText read(String text, int maxBytes, LongText longText) {
        return reader(maxBytes, longText, SpecialTokens.PARSE).read(text);
    }

    private static List<String> pieces(String text, int maxBytes, LongText longText) {
        return pieces(text, maxBytes, longText, SpecialTokens.PARSE);
    }

    private static List<String> pieces(String text, int maxBytes, LongText longText, SpecialTokens specials) {
        List<String> pieces = new ArrayList<>();
        TextReader reader = reader(maxBytes, longText, specials);
        reader.windows(reader.read(text)).forEach(ids -> pieces.add(TOKENIZER.decode(ids)));
        return pieces;
    }

    @Test
    void windowsCoverTheTextAndOverlapBetweenCharacters() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            text.appendCodePoint("あa𠮷é🍊".codePointAt(i % 3)).append(i).append(i % 20 == 0 ? "<mask>" : "");
        }
        for (int maxBytes : new int[] {4, 7, 16, 64, 100, 1000}) {
            for (SpecialTokens specials : SpecialTokens.values()) {
                int covered = 0;
                int before = -1;
                for (String piece : pieces(text.toString(), maxBytes, LongText.SPLIT, specials)) {
                    int start = text.indexOf(piece, before + 1);
                    assertTrue(start > before && start <= covered, piece + " at " + start + " after " + covered);
                    int[] ids = specials == SpecialTokens.TEXT ? TOKENIZER.encodePlain(piece) : TOKENIZER.encode(piece);
                    assertTrue(ids.length <= maxBytes + 1, piece);
                    assertTrue(maxBytes < 64 || before < 0 || start <= covered - maxBytes / 16, "no overlap: " + piece);
                    before = start;
                    covered = start + piece.length();
                }
                assertEquals(text.length(), covered);
            }
        }
    }

    @Test
    void inDataASpecialTokenIsAsLongAsItsText() {
        assertEquals(List.of("<mask"), pieces("<mask>海", 5, LongText.TRUNCATE, SpecialTokens.TEXT));
        assertEquals(List.of("<mask>海"), pieces("<mask>海", 5, LongText.TRUNCATE, SpecialTokens.PARSE));
        assertEquals(
                "too long: 10 tokens, the limit is 9",
                reader(8, LongText.ERROR, SpecialTokens.TEXT).read("<mask>海").error());
        assertEquals(List.of("<s>海", "海</s", "/s>"), pieces("<s>海</s>", 6, LongText.SPLIT, SpecialTokens.TEXT));
    }

    @Test
    void theLimitCountsTheTextsOwnBytes() {
        assertEquals(List.of("海と"), pieces("海と", 6, LongText.ERROR));
        assertEquals(
                "too long: 7 tokens, the limit is 6",
                read("海と", 5, LongText.ERROR).error());
        assertEquals(List.of("海"), pieces("海と", 5, LongText.TRUNCATE));
        assertEquals(List.of("海<mask><mask>"), pieces("海<mask><mask>", 5, LongText.ERROR));
        assertEquals(List.of(""), pieces("", 4, LongText.ERROR));
        assertTrue(read("a\uDE00", 9, LongText.ERROR).repaired());
    }

    @Test
    void aModelWithoutRoomIsRefused() {
        assertThrows(ModelException.class, () -> new TextReader(TOKENIZER, 4, BatchOptions.DEFAULTS));
        assertThrows(IllegalArgumentException.class, () -> BatchOptions.DEFAULTS.withLimit(3, LongText.SPLIT));
    }
}
