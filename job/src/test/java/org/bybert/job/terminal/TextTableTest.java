package org.bybert.job.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void wideCharactersTakeTwoPlaces() {
        assertEquals(
                "集合  数\n--------\na      1\nｱｶﾞ   22\n",
                TextTable.of(List.of(List.of("集合", "数"), List.of("a", "1"), List.of("ｱｶﾞ", "22"))));
        assertEquals(2, TextTable.width("が"));
        assertEquals(2, TextTable.width("か\u3099"));
        assertEquals(2, TextTable.width("😀"));
        assertEquals(4, TextTable.width("…é--"));
    }
}
