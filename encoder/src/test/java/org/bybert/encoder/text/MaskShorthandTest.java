package org.bybert.encoder.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.bybert.encoder.text.MaskShorthand.Slot;
import org.junit.jupiter.api.Test;

class MaskShorthandTest {

    private static String expand(String text) {
        return new MaskShorthand("<mask>").expand(text, Integer.MAX_VALUE).text();
    }

    @Test
    void aNumberStandsForSoManyMasks() {
        assertEquals("森<mask><mask><mask>の<mask>", expand("森<mask:3>の<mask:1>"));
        assertEquals("<mask><mask><mask>", expand("<mask><mask:2>"));
        assertEquals("<mask>".repeat(9999), expand("<mask:9999>"));
        assertEquals("森の<mask>", expand("森の<mask>"));
    }

    @Test
    void anythingElseIsText() {
        for (String text : new String[] {
            "",
            "<mask:0>",
            "<mask:-1>",
            "<mask:+1>",
            "<mask:01>",
            "<mask:10000>",
            "<mask:99999999999999999999>",
            "<mask:>",
            "<mask: 3>",
            "<mask:３>",
            "<mask:3",
            "<mask:3.0>",
            "<MASK:3>",
            "mask:3>"
        }) {
            assertEquals(text, expand(text));
        }
        assertEquals("<mask:<mask><mask>>", expand("<mask:<mask:2>>"));
    }

    @Test
    void anyMaskTokenHasItsOwn() {
        assertEquals(
                "[MASK][MASK]<mask:2>",
                new MaskShorthand("[MASK]").expand("[MASK:2]<mask:2>", 9).text());
        assertEquals("$$", new MaskShorthand("$").expand(":2$", 9).text());
    }

    private static List<Slot> slots(String text) {
        return new MaskShorthand("<mask>").slots(text);
    }

    @Test
    void slotsAreRunsOfMasksAndRanges() {
        assertEquals(
                List.of(
                        new Slot(1, 15, 6, 6, false),
                        new Slot(16, 24, 1, 24, true),
                        new Slot(25, 36, 3, 12, true),
                        new Slot(37, 47, 7, 7, true)),
                slots("森<mask:5><mask>の<mask:?>と<mask:3-12>か<mask:7-7>"));
        assertEquals(List.of(), slots("森の<mask:-1><mask:><mask:3-><mask:a>"));
        assertEquals(1, slots("<mask>".repeat(10_000)).size());
        assertEquals(
                "森<mask>の<mask><mask><mask>。",
                new MaskShorthand("<mask>")
                        .fill("森<mask:?>の<mask:2-9>。", slots("森<mask:?>の<mask:2-9>。"), new int[] {1, 3}));
    }

    @Test
    void wrongNumbersAreMistakes() {
        for (String wrong : List.of(
                "<mask:0>",
                "<mask:01>",
                "<mask:10000>",
                "<mask:99999999999999999999>",
                "<mask:9-3>",
                "<mask:0-3>",
                "<mask:3-10000>")) {
            assertEquals(
                    "expected 1 to 9999, a range such as 3-12, or ?, found " + wrong,
                    assertThrows(IllegalArgumentException.class, () -> slots("森の" + wrong + "。"))
                            .getMessage());
        }
        assertEquals(
                "expected text between masks of which the number is not known, found <mask:?><mask:2>",
                assertThrows(IllegalArgumentException.class, () -> slots("森の<mask:?><mask:2>。"))
                        .getMessage());
    }
}
