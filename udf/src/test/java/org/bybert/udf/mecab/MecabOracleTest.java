package org.bybert.udf.mecab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The words are those that MeCab itself cuts; skipped where it is not installed. */
class MecabOracleTest {

    private static final Path UNIDIC = Path.of("/var/lib/mecab/dic/unidic");
    private static final String[] LETTERS = {"あ", "い", "う", "ア", "a", "1", " ", "\t", "😀", "\uffff", "字", "é"};

    @TempDir
    Path folder;

    @BeforeEach
    void installed() {
        Mecab.assumeInstalled();
    }

    private void sameWords(Path dictionary, List<String> lines) throws Exception {
        List<String> expected = Mecab.wakati(dictionary, lines, folder);
        MecabDictionary ours = MecabDictionary.of(dictionary);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            assertEquals(
                    expected.get(i).strip(),
                    Mecab.wakati(ours, line).strip(),
                    () -> "line " + line.substring(0, Math.min(80, line.length())));
        }
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            String letter = LETTERS[random.nextInt(LETTERS.length)];
            // Runs, as kinds of characters matter.
            text.append(letter.repeat(random.nextInt(8) == 0 ? 1 + random.nextInt(30) : 1));
        }
        return text.toString();
    }

    /** Small costs, so that many ways cost the same; categories that share characters; every kind of unknown word. */
    @Test
    void dictionariesOfAllKindsAndTiesInAllOfThem() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int ids = 1 + random.nextInt(4);
            TinyDictionary dictionary = new TinyDictionary(ids);
            for (String category : List.of("DEFAULT", "SPACE", "KANA", "LATIN", "MIXED")) {
                int[] members = switch (category) {
                    case "SPACE" -> new int[] {' ', '\t'};
                    case "KANA" -> new int[] {'あ', 'い', 'う', 'ア'};
                    case "LATIN" -> new int[] {'a', '1'};
                    case "MIXED" -> new int[] {'ア', '1', random.nextInt(4) == 0 ? ' ' : 'う'};
                    default -> new int[0];
                };
                dictionary.category(category, random.nextBoolean(), random.nextBoolean(), random.nextInt(5), members);
                for (int i = random.nextInt(3); i >= 0; i--) {
                    dictionary.unknown(category, random.nextInt(ids), random.nextInt(ids), random.nextInt(4));
                }
            }
            for (int i = 0; i < 60; i++) {
                String word = text(random, 1 + random.nextInt(3));
                dictionary.word(word, random.nextInt(ids), random.nextInt(ids), random.nextInt(6) - 1);
            }
            for (int i = 0; i < ids * ids; i++) {
                dictionary.connect(i / ids, i % ids, random.nextInt(4) - 1);
            }
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                lines.add(text(random, 1 + random.nextInt(40)));
            }
            Path files = dictionary.write(folder.resolve("dictionary" + seed));
            sameWords(files, lines);
        }
    }

    @Test
    void hostileLines() throws Exception {
        assumeTrue(Files.exists(UNIDIC), "no UniDic for MeCab here (apt-get install unidic-mecab)");
        sameWords(UNIDIC, hostile());
    }

    private static List<String> hostile() {
        List<String> lines = new ArrayList<>(List.of(
                "",
                " ",
                "\t \t",
                "　全角　空白　",
                "😀👨‍👩‍👧🇯🇵と絵文字3\uFE0F\u20E3",
                "\u0001\u0002制御\u007f\u0085文字\u200b",
                "\uffff非文字\ufffe",
                "ｶﾞｷﾞと半角",
                "が\u3099e\u0301结合",
                "𠮷野家で𩸽を食べる",
                "한국어 Москва עברית",
                "  先頭と末尾の空白  "));
        for (String letter : List.of("あ", "ア", "漢", "A", "7", "ー", "😀", "。", "\u0001", "한")) {
            for (int count : new int[] {23, 24, 25, 26, 27, 3000}) {
                lines.add(letter.repeat(count));
                lines.add("これは" + letter.repeat(count) + "です");
            }
        }
        lines.add("ア".repeat(30_000));
        lines.add(" ".repeat(60_000) + "川");
        lines.add("川" + " ".repeat(70_000));
        Random random = new Random(1);
        String[] pieces = {"東京都", "すもも", "もものうち", "データ", "を", "走らせた", "2026", "年", "BERT", "、", "😀", "学習率"};
        StringBuilder megabyte = new StringBuilder();
        while (megabyte.length() < 350_000) {
            megabyte.append(pieces[random.nextInt(pieces.length)]);
        }
        lines.add(megabyte.toString());
        for (int i = 0; i < 300; i++) {
            StringBuilder any = new StringBuilder();
            for (int n = random.nextInt(60); n >= 0; n--) {
                int character = random.nextInt(random.nextBoolean() ? 0x3100 : 0x20000);
                boolean broken = character >= 0xd800 && character <= 0xdfff || character == '\n' || character == 0;
                any.appendCodePoint(broken ? 'x' : character);
            }
            lines.add(any.toString());
        }
        return lines;
    }
}
