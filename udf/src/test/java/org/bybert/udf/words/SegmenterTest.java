package org.bybert.udf.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.bybert.encoder.error.ModelException;
import org.junit.jupiter.api.Test;

class SegmentersTest {

    @Test
    void wordsAreUniDicShortUnits() {
        assertEquals(
                List.of("図書", "館", "で", "本", "を", "借り", "た", "。"),
                Segmenter.of(Unit.WORD, SegmenterReference.DEFAULT).segment("図書館で本を借りた。"));
    }

    @Test
    void runsOfDigitsAreOneWord() {
        assertEquals(
                List.of("2026", "年", "に", "3", ".", "14", "％"),
                Segmenter.of(Unit.WORD, SegmenterReference.DEFAULT).segment("2026年に3.14％"));
    }

    private static void words(String expected, String text) {
        assertEquals(
                List.of(expected.split("\\|")),
                Segmenter.of(Unit.WORD, SegmenterReference.DEFAULT).segment(text));
    }

    /** Kuromoji keeps them together at the beginning of a text only. */
    @Test
    void runsOfLettersOfOneScriptAreOneWordWhereverTheyStand() {
        words("golf|2| |hello", "golf2 hello");
        words("私|は|golf|2|が|好き", "私はgolf2が好き");
        words("NHK|の|BERT|と|DNA", "NHKのBERTとDNA");
        words("ＮＨＫ|の|Ｔ|シャツ", "ＮＨＫのＴシャツ");
        words("DVD|プレーヤー|10|km|ラン", "DVDプレーヤー10kmラン");
        words("本|の|Café| |naïve", "本のCafé naïve");
        words("本|と|Москва| |Ωμέγα|abc| |한국어", "本とМосква Ωμέγαabc 한국어");
        words("iPS|細胞", "iPS細胞");
        words("2026|年|１２|月|3|.|14", "2026年１２月3.14");
    }

    @Test
    void anEmojiIsAWordHoweverManyCharactersItHas() {
        words("😀|👨‍👩‍👧| |絵|文字", "😀👨‍👩‍👧 絵文字");
        words("🇯🇵|🇺🇸|だ", "🇯🇵🇺🇸だ");
        words("3\uFE0F\u20E3|#\uFE0F\u20E3|12|3\u20E3|4", "3\uFE0F\u20E3#\uFE0F\u20E3123\u20E34");
        words("👍🏽|すごい|👍|👍", "👍🏽すごい👍👍");
        words("❤️|が|好き|☀️|☁️", "❤️が好き☀️☁️");
        words("🙂‍↔️|❤️‍🔥|🏳️‍🌈", "🙂‍↔️❤️‍🔥🏳️‍🌈");
        String scotland = "🏴\uDB40\uDC67\uDB40\uDC62\uDB40\uDC73\uDB40\uDC63\uDB40\uDC74\uDB40\uDC7F";
        words(scotland + "|旗", scotland + "旗");
        words("★|★", "★★");
        String chain = "😀\u200D".repeat(100_000) + "😀";
        words(chain, chain);
    }

    @Test
    void marksStayWithTheirBase() {
        words("が\u3099|と| |e\u0301te\u0301", "が\u3099と e\u0301te\u0301");
        words("木\uDB40\uDD01|村", "木\uDB40\uDD01村");
        words("ｶﾞｷﾞ|と|ﾊﾟﾝ", "ｶﾞｷﾞとﾊﾟﾝ");
        words("हिन्दी", "हिन्दी");
        words(" |\u0301", " \u0301");
    }

    @Test
    void piecesConcatenateToTheText() {
        for (String text :
                List.of("", " ", "空白 と\tタブ\nと　全角", "😀👨‍👩‍👧 絵文字", "e\u0301 が\u3099 合成", "NUL\0も", "ｶﾞ１２３abc")) {
            for (Unit unit : Unit.values()) {
                assertEquals(
                        text,
                        String.join(
                                "",
                                Segmenter.of(unit, SegmenterReference.DEFAULT).segment(text)),
                        unit.name());
            }
        }
    }

    /** A class loader without Kuromoji stands for an executor that got the job jar alone. */
    @Test
    void withoutTheDictionaryTheErrorSaysWhatToAdd() throws Exception {
        URL[] classes = {
            Path.of("target/classes").toUri().toURL(),
            ModelException.class.getProtectionDomain().getCodeSource().getLocation()
        };
        try (URLClassLoader loader = new URLClassLoader(classes, ClassLoader.getPlatformClassLoader())) {
            Class<?> unit = loader.loadClass(Unit.class.getName());
            Object word = unit.getEnumConstants()[Unit.WORD.ordinal()];
            Class<?> reference = loader.loadClass(SegmenterReference.class.getName());
            Object bundled = reference.getField("DEFAULT").get(null);
            var of = loader.loadClass(Segmenter.class.getName()).getMethod("of", unit, reference);
            Throwable error = assertThrows(
                            java.lang.reflect.InvocationTargetException.class, () -> of.invoke(null, word, bundled))
                    .getCause();
            assertTrue(error.getMessage().contains("--jars kuromoji-unidic"), error.getMessage());
            of.invoke(null, unit.getEnumConstants()[Unit.CHAR.ordinal()], bundled);
        }
    }
}
