package org.bybert.udf.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentersTest {

    @Test
    void wordsAreUniDicShortUnits() {
        assertEquals(List.of("図書", "館", "で", "本", "を", "借り", "た", "。"),
                Segmenter.of(Unit.WORD).segment("図書館で本を借りた。"));
    }

    @Test
    void runsOfDigitsAreOneWord() {
        assertEquals(List.of("2026", "年", "に", "3", ".", "14", "％"),
                Segmenter.of(Unit.WORD).segment("2026年に3.14％"));
    }

    @Test
    void piecesConcatenateToTheText() {
        for (String text : List.of("", " ", "空白 と\tタブ\nと　全角", "😀👨‍👩‍👧 絵文字", "e\u0301 が\u3099 合成", "NUL\0も", "ｶﾞ１２３abc")) {
            for (Unit unit : Unit.values()) {
                assertEquals(text, String.join("", Segmenter.of(unit).segment(text)), unit.name());
            }
        }
    }

    /** A class loader without Kuromoji stands for an executor that got the job jar alone. */
    @Test
    void withoutTheDictionaryTheErrorSaysWhatToAdd() throws Exception {
        URL[] classes = {Path.of("target/classes").toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader())) {
            Class<?> unit = loader.loadClass(Unit.class.getName());
            Object word = unit.getEnumConstants()[Unit.WORD.ordinal()];
            var of = loader.loadClass(Segmenter.class.getName()).getMethod("of", unit);
            Throwable error = assertThrows(java.lang.reflect.InvocationTargetException.class,
                    () -> of.invoke(null, word)).getCause();
            assertTrue(error.getMessage().contains("--jars kuromoji-unidic"), error.getMessage());
            of.invoke(null, unit.getEnumConstants()[Unit.CHAR.ordinal()]);
        }
    }
}
