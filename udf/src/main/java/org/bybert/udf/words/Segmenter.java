package org.bybert.udf.words;

import com.atilika.kuromoji.unidic.Token;
import com.atilika.kuromoji.unidic.Tokenizer;
import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Cuts a text into pieces that concatenate to it. */
public interface Segmenter {

    List<String> segment(String text);

    /** @throws IllegalStateException where words are wanted and Kuromoji is not on the class path */
    static Segmenter of(Unit unit) {
        return switch (unit) {
            case WORD -> {
                check(unit);
                yield UniDic::segment;
            }
            case CHAR, BYTE ->
                text -> text.codePoints().mapToObj(Character::toString).toList();
        };
    }

    /**
     * Looks for what a unit needs and opens nothing.
     *
     * @throws IllegalStateException as {@link #of}
     */
    static void check(Unit unit) {
        if (unit != Unit.WORD) {
            return;
        }
        try {
            Class.forName("com.atilika.kuromoji.unidic.Tokenizer", false, Segmenter.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "words need Kuromoji, which is not on the class path: give spark-submit "
                            + "--jars kuromoji-unidic-0.9.0.jar,kuromoji-core-0.9.0.jar (job/bin/bybert does), use another "
                            + "unit (char, byte), or bring your own words in a column \"words\"",
                    e);
        }
    }

    /**
     * UniDic short units by Kuromoji, one dictionary per JVM. Kuromoji cuts a number into its digits, Latin words into
     * their letters (but at the beginning of a text) and characters from their marks; here, as in UniDic's own
     * annotation, runs of digits and runs of letters of one script are words (in scripts of Japanese the dictionary
     * knows better), a {@link Cluster} is never cut, and each emoji is a word of its own.
     */
    final class UniDic {

        private static final Tokenizer TOKENIZER = new Tokenizer();
        private static final Set<UnicodeScript> OF_JAPANESE = EnumSet.of(
                UnicodeScript.HAN,
                UnicodeScript.HIRAGANA,
                UnicodeScript.KATAKANA,
                UnicodeScript.COMMON,
                UnicodeScript.INHERITED);

        private UniDic() {}

        private static List<String> segment(String text) {
            BitSet ends = ends(text);
            List<String> words = new ArrayList<>();
            Object before = null;
            int start = 0;
            for (int end = ends.nextSetBit(1); end > 0; end = ends.nextSetBit(end + 1)) {
                String word = text.substring(start, end);
                Object run = run(word);
                if (run != null && run.equals(before)) {
                    words.set(words.size() - 1, words.get(words.size() - 1) + word);
                } else {
                    words.add(word);
                }
                before = run;
                start = end;
            }
            return words;
        }

        /** Where Kuromoji's words end, moved to the ends of clusters, and where emoji begin and end. */
        private static BitSet ends(String text) {
            BitSet ends = new BitSet(text.length() + 1);
            int at = 0;
            for (Token token : TOKENIZER.tokenize(text)) {
                at += token.getSurface().length();
                ends.set(at);
            }
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
            return ends;
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
