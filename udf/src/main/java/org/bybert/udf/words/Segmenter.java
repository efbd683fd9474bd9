package org.bybert.udf.words;

import com.atilika.kuromoji.unidic.Token;
import com.atilika.kuromoji.unidic.Tokenizer;
import java.io.IOException;
import java.lang.Character.UnicodeScript;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bybert.encoder.checkpoint.Fingerprint;
import org.bybert.udf.mecab.MecabDictionary;

/** Cuts a text into pieces that concatenate to it. */
public interface Segmenter {

    String KUROMOJI = "com.atilika.kuromoji.unidic.Tokenizer";

    List<Word> cut(String text);

    /** What is cut, without more. */
    default List<String> segment(String text) {
        return cut(text).stream().map(Word::text).toList();
    }

    /**
     * A piece of a text.
     *
     * @param partOfSpeech as the dictionary names it, of the first of joined words; null where it says nothing
     */
    record Word(String text, String partOfSpeech) {}

    /**
     * @param words how words are cut, where those are wanted
     * @throws IllegalStateException where Kuromoji is to cut them and is not on the class path
     * @throws org.bybert.encoder.error.ModelException where the dictionary cannot be used
     */
    static Segmenter of(Unit unit, SegmenterReference words) {
        if (unit != Unit.WORD) {
            return text -> text.codePoints()
                    .mapToObj(character -> new Word(Character.toString(character), null))
                    .toList();
        }
        boolean join = words.joinsRuns();
        if (words.isBundled()) {
            check(unit, words);
            return text -> Words.of(text, Kuromoji.cut(text), join);
        }
        MecabDictionary dictionary = words.dictionary();
        return text -> Words.of(text, cut(text, dictionary), join);
    }

    /**
     * Looks for Kuromoji where it is needed, and opens nothing.
     *
     * @throws IllegalStateException as {@link #of}
     */
    static void check(Unit unit, SegmenterReference words) {
        if (unit != Unit.WORD || !words.isBundled()) {
            return;
        }
        try {
            Class.forName(KUROMOJI, false, Segmenter.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "words need Kuromoji, which is not on the class path: give spark-submit "
                            + "--jars kuromoji-unidic-0.9.0.jar,kuromoji-core-0.9.0.jar (job/bin/bybert does), name a "
                            + "dictionary (segmenter mecab:DIR), use another unit (char, byte), or bring your own words "
                            + "in a column \"words\"",
                    e);
        }
    }

    /** SHA-256 of the jar that Kuromoji's dictionary comes in; null where it is not on the class path, or in no jar. */
    static String kuromojiHash() {
        try {
            Class<?> type = Class.forName(KUROMOJI, false, Segmenter.class.getClassLoader());
            CodeSource jar = type.getProtectionDomain().getCodeSource();
            return Fingerprint.ofFile(Path.of(jar.getLocation().toURI()));
        } catch (ReflectiveOperationException | IOException | URISyntaxException | RuntimeException e) {
            return null;
        }
    }

    /** Where the words of a text end, and what is said of the word that begins at an index. */
    record Cuts(BitSet ends, String[] partsOfSpeech) {

        Cuts(String text) {
            this(new BitSet(text.length() + 1), new String[text.length() + 1]);
        }

        void add(int start, int end, String partOfSpeech) {
            ends.set(end);
            partsOfSpeech[start] = partOfSpeech;
        }
    }

    /** White space between words is a piece, too. */
    private static Cuts cut(String text, MecabDictionary dictionary) {
        Cuts cuts = new Cuts(text);
        MecabDictionary.Words words = dictionary.words(text);
        int[] places = words.places();
        for (int i = 0; i < places.length; i += 2) {
            cuts.ends.set(places[i]);
            cuts.add(places[i], places[i + 1], dictionary.partOfSpeech(words.contexts()[i / 2]));
        }
        cuts.ends.set(text.length());
        return cuts;
    }

    /** UniDic short units by Kuromoji, one dictionary per JVM. */
    final class Kuromoji {

        private static final Tokenizer TOKENIZER = new Tokenizer();

        private Kuromoji() {}

        private static Cuts cut(String text) {
            Cuts cuts = new Cuts(text);
            int at = 0;
            for (Token token : TOKENIZER.tokenize(text)) {
                int end = at + token.getSurface().length();
                cuts.add(at, end, token.getPartOfSpeechLevel1());
                at = end;
            }
            return cuts;
        }
    }

    /**
     * What becomes of a dictionary's words. Dictionaries cut a number into its digits, some Latin words into their
     * letters and characters from their marks. Here a {@link Cluster} is never cut and each emoji is a word of its own;
     * and, unless that is not wanted, runs of digits and runs of letters of one script are words, as in UniDic's own
     * annotation (in scripts of Japanese the dictionary knows better).
     */
    final class Words {

        private static final Set<UnicodeScript> OF_JAPANESE = EnumSet.of(
                UnicodeScript.HAN,
                UnicodeScript.HIRAGANA,
                UnicodeScript.KATAKANA,
                UnicodeScript.COMMON,
                UnicodeScript.INHERITED);

        private Words() {}

        private static List<Word> of(String text, Cuts cuts, boolean join) {
            BitSet ends = cuts.ends;
            keepClusters(text, ends);
            List<Word> words = new ArrayList<>();
            Object before = null;
            int start = 0;
            for (int end = ends.nextSetBit(1); end > 0; end = ends.nextSetBit(end + 1)) {
                String word = text.substring(start, end);
                Object run = join ? run(word) : null;
                if (run != null && run.equals(before)) {
                    Word first = words.remove(words.size() - 1);
                    words.add(new Word(first.text + word, first.partOfSpeech));
                } else {
                    words.add(new Word(word, cuts.partsOfSpeech[start]));
                }
                before = run;
                start = end;
            }
            return words;
        }

        /** Moves ends to those of clusters, and sets them where emoji begin and end. */
        private static void keepClusters(String text, BitSet ends) {
            for (int start = 0; start < text.length(); ) {
                int end = Cluster.end(text, start);
                boolean emoji = Cluster.isEmoji(text, start, end);
                if (emoji) {
                    ends.set(start);
                }
                int inside = ends.nextSetBit(start + 1);
                if (emoji || inside >= 0 && inside < end) {
                    ends.clear(start + 1, end);
                    ends.set(end);
                }
                start = end;
            }
        }

        /** What a word is a part of a run of: digits, or letters of a script; null where it is neither. */
        private static Object run(String word) {
            if (word.codePoints().allMatch(Character::isDigit)) {
                return Character.DECIMAL_DIGIT_NUMBER;
            }
            UnicodeScript script = UnicodeScript.of(word.codePointAt(0));
            boolean letters = !OF_JAPANESE.contains(script)
                    && word.codePoints()
                            .allMatch(
                                    character -> Character.isLetter(character) && UnicodeScript.of(character) == script
                                            || Cluster.isMark(character));
            return letters ? script : null;
        }
    }
}
