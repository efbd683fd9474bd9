package org.bybert.udf.words;

import java.util.List;

/** The segmenter of each unit. */
public final class Segmenters {

    private static final String DICTIONARY_CLASS = "com.atilika.kuromoji.unidic.Tokenizer";

    private Segmenters() {
    }

    /** @throws IllegalStateException where words are wanted and Kuromoji is not on the class path */
    public static Segmenter of(Unit unit) {
        return switch (unit) {
            case WORD -> {
                check(unit);
                yield UniDicSegmenter.INSTANCE;
            }
            case CHAR, BYTE -> Segmenters::characters;
        };
    }

    /**
     * Looks for what a unit needs and opens nothing.
     *
     * @throws IllegalStateException as {@link #of}
     */
    public static void check(Unit unit) {
        if (unit != Unit.WORD) {
            return;
        }
        try {
            Class.forName(DICTIONARY_CLASS, false, Segmenters.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("words need Kuromoji, which is not on the class path: give spark-submit "
                    + "--jars kuromoji-unidic-0.9.0.jar,kuromoji-core-0.9.0.jar (job/bin/bybert does), use another "
                    + "unit (char, byte), or bring your own words in a column \"words\"", e);
        }
    }

    private static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }
}
