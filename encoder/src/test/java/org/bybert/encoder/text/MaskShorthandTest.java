package org.bybert.encoder.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
}
