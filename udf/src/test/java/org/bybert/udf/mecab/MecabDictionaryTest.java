package org.bybert.udf.mecab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MecabDictionaryTest {

    @TempDir
    Path folder;

    private Path dictionary() {
        return TinyDictionary.sample().write(folder.resolve("tiny"));
    }

    private List<String> words(Path dictionary, boolean join, String text) {
        return Segmenter.of(Unit.WORD, new SegmenterReference("mecab:" + dictionary, join).resolve())
                .segment(text);
    }

    @Test
    void wordsAreOnTheCheapestWay() {
        assertEquals(List.of("川", "の", "水", "は", "冷たい", "。"), words(dictionary(), true, "川の水は冷たい。"));
        assertEquals(List.of("川", " \t", "の", "  "), words(dictionary(), true, "川 \tの  "));
        assertEquals(List.of(), words(dictionary(), true, ""));
        assertEquals(List.of(" "), words(dictionary(), true, " "));
        assertEquals(List.of("\0", "の"), words(dictionary(), true, "\0の"));
    }

    @Test
    void runsAreJoinedUnlessTheyAreNot() {
        Path dictionary = dictionary();
        assertEquals(List.of("川", "2026", "BERT", "の"), words(dictionary, true, "川2026BERTの"));
        assertEquals(List.of("川", "2", "0", "2", "6", "B", "E", "R", "T", "の"), words(dictionary, false, "川2026BERTの"));
        assertEquals(List.of("👍🏽", "が\u3099"), words(dictionary, false, "👍🏽が\u3099"));
    }

    /** A million characters: what no way goes through any more is thrown out, and nothing else. */
    @Test
    void aLongTextHasTheWordsOfItsParts() {
        MecabDictionary dictionary = MecabDictionary.of(dictionary());
        String part = "川の水は冷たい。2026BERTあああ";
        int[] once = dictionary.words(part).places();
        int[] often = dictionary.words(part.repeat(50_000)).places();
        assertEquals(once.length * 50_000, often.length);
        for (int i = 0; i < often.length; i++) {
            assertEquals(once[i % once.length] + i / once.length * part.length(), often[i]);
        }
        assertEquals(2, dictionary.words(" ".repeat(1_000_000) + "川").places().length);
    }

    @Test
    void oneCopyPerJvmUntilTheFilesChange() throws IOException {
        Path dictionary = dictionary();
        MecabDictionary first = MecabDictionary.of(dictionary);
        assertSame(first, MecabDictionary.of(dictionary));
        TinyDictionary.sample().word("川の水", 1, 1, 0).write(dictionary);
        assertNotEquals(first.hash(), MecabDictionary.of(dictionary).hash());
        assertEquals(List.of("川の水"), words(dictionary, true, "川の水"));
    }

    @Test
    void anotherDictionaryThanTheDriversIsRefused() {
        SegmenterReference resolved = new SegmenterReference("mecab:" + dictionary(), true).resolve();
        TinyDictionary.sample().word("川の水", 1, 1, 0).write(folder.resolve("tiny"));
        String message = assertThrows(ModelException.class, () -> Segmenter.of(Unit.WORD, resolved))
                .getMessage();
        assertTrue(message.contains("not the driver's dictionary: expected hash " + resolved.hash()), message);
    }

    private void refused(Path dictionary, String... parts) {
        String message = assertThrows(
                        ModelException.class, () -> new SegmenterReference("mecab:" + dictionary, true).resolve())
                .getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
        assertEquals(1, message.lines().count());
    }

    @Test
    void whatIsNoDictionaryIsRefusedWithTheRemedy() throws IOException {
        refused(folder.resolve("nothing"), "dictionary folder not found");
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.writeString(source.resolve("lex.csv"), "川,1,1,500,*\n");
        refused(source, "found no sys.dic", "holds the source of a dictionary", "mecab-dict-index");
        Path other = Files.createDirectory(folder.resolve("vibrato"));
        Files.writeString(other.resolve("system.dic.zst"), "");
        refused(other, "of another program");
        for (String name : List.of("sys.dic", "unk.dic", "matrix.bin", "char.bin")) {
            Path lacking = TinyDictionary.sample().write(folder.resolve("without-" + name));
            Files.delete(lacking.resolve(name));
            refused(lacking, "found no " + name + ";");
            Path cut = TinyDictionary.sample().write(folder.resolve("cut-" + name));
            byte[] bytes = Files.readAllBytes(cut.resolve(name));
            Files.write(cut.resolve(name), Arrays.copyOf(bytes, bytes.length - 2));
            refused(cut, name + ": expected " + bytes.length + " bytes", "found " + (bytes.length - 2), "truncated");
            Files.write(cut.resolve(name), new byte[0]);
            refused(cut, name + ": expected", "found 0");
        }
        Path user = dictionary();
        Files.writeString(user.resolve("dicrc"), "userdic = mine.dic\n");
        refused(user, "user dictionary");
    }

    @Test
    void dictionariesOfOtherKindsAreRefused() throws IOException {
        TinyDictionary charset = TinyDictionary.sample();
        charset.charset = "EUC-JP";
        refused(
                charset.write(folder.resolve("charset")),
                "expected a dictionary in UTF-8, found one in EUC-JP",
                "-t utf-8");
        TinyDictionary version = TinyDictionary.sample();
        version.version = 101;
        refused(version.write(folder.resolve("version")), "expected version 102", "found version 101");
        version.version = Integer.reverseBytes(102);
        refused(version.write(folder.resolve("endian")), "big-endian");
        Path matrix = dictionary();
        Files.copy(
                new TinyDictionary(3).write(folder.resolve("three")).resolve("matrix.bin"),
                matrix.resolve("matrix.bin"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        refused(matrix, "expected the 2 x 2 context ids of sys.dic, found 3 x 3");
        refused(
                TinyDictionary.sample().word("山", 2, 1, 0).write(folder.resolve("ids")),
                "expected context ids below 2 and 2, found 2 and 1");
        Path text = dictionary();
        Files.writeString(text.resolve("sys.dic"), "no dictionary at all".repeat(10));
        refused(text, "expected a dictionary that MeCab has compiled, found something else");
    }
}
