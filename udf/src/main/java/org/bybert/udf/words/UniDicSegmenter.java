package org.bybert.udf.words;

import com.atilika.kuromoji.unidic.Token;
import com.atilika.kuromoji.unidic.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * UniDic short units by Kuromoji, one dictionary per JVM. Kuromoji cuts a number into its digits; runs of digits are
 * joined again, as UniDic's own annotation has them.
 */
final class UniDicSegmenter implements Segmenter {

    static final UniDicSegmenter INSTANCE = new UniDicSegmenter();

    private final Tokenizer tokenizer = new Tokenizer();

    private UniDicSegmenter() {
    }

    @Override
    public List<String> segment(String text) {
        List<String> words = new ArrayList<>();
        boolean digitsBefore = false;
        for (Token token : tokenizer.tokenize(text)) {
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
