package org.bybert.udf.words;

import com.atilika.kuromoji.unidic.Token;
import com.atilika.kuromoji.unidic.Tokenizer;
import java.util.ArrayList;
import java.util.List;

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
            case CHAR, BYTE -> text -> text.codePoints().mapToObj(Character::toString).toList();
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
            throw new IllegalStateException("words need Kuromoji, which is not on the class path: give spark-submit "
                    + "--jars kuromoji-unidic-0.9.0.jar,kuromoji-core-0.9.0.jar (job/bin/bybert does), use another "
                    + "unit (char, byte), or bring your own words in a column \"words\"", e);
        }
    }

    /**
     * UniDic short units by Kuromoji, one dictionary per JVM. Kuromoji cuts a number into its digits; runs of digits
     * are joined again, as UniDic's own annotation has them.
     */
    final class UniDic {

        private static final Tokenizer TOKENIZER = new Tokenizer();

        private UniDic() {
        }

        private static List<String> segment(String text) {
            List<String> words = new ArrayList<>();
            boolean digitsBefore = false;
            for (Token token : TOKENIZER.tokenize(text)) {
                String word = token.getSurface();
                boolean digits = word.codePoints().allMatch(Character::isDigit);
                if (digits && digitsBefore) {
                    words.set(words.size() - 1, words.get(words.size() - 1) + word);
                } else {
                    words.add(word);
                }
                digitsBefore = digits;
            }
            return words;
        }
    }
}
