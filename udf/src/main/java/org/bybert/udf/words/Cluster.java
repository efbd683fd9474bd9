package org.bybert.udf.words;

/**
 * What a reader takes for one character, after Unicode's rules for grapheme clusters (UAX 29): a character with the
 * marks that stand on it, or a sequence of emoji that is drawn as one. (The JDK knows clusters too, but others in each
 * version, and results must not depend on that.)
 */
final class Cluster {

    private static final int NON_JOINER = 0x200C;
    private static final int JOINER = 0x200D;
    private static final int KEYCAP = 0x20E3;
    private static final int EMOJI_STYLE = 0xFE0F;

    private Cluster() {}

    /** Index after the cluster that begins at {@code start}. */
    static int end(String text, int start) {
        int base = text.codePointAt(start);
        int end = start + Character.charCount(base);
        if (Span.isSpace(base) || Character.isISOControl(base)) {
            return end;
        }
        if (isFlagLetter(base) && end < text.length() && isFlagLetter(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        while (end < text.length()) {
            int next = text.codePointAt(end);
            boolean joined = text.charAt(end - 1) == JOINER && isPicture(base) && isPicture(next);
            if (!joined && !isMark(next)) {
                break;
            }
            end += Character.charCount(next);
        }
        return end;
    }

    /** Whether a cluster is drawn as a picture. */
    static boolean isEmoji(String text, int start, int end) {
        return text.substring(start, end)
                .codePoints()
                .anyMatch(character -> character >= 0x1F000 && character <= 0x1FAFF
                        || character == EMOJI_STYLE
                        || character == KEYCAP);
    }

    /** Whether a character belongs to the one before it. */
    static boolean isMark(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> true;
            default ->
                character == JOINER
                        || character == NON_JOINER
                        || character >= 0x1F3FB && character <= 0x1F3FF // skin tones
                        || character >= 0xE0020 && character <= 0xE007F // tags, of which flags of regions are made
                        || character == 0xFF9E
                        || character == 0xFF9F; // half-width voicing marks
        };
    }

    private static boolean isFlagLetter(int character) {
        return character >= 0x1F1E6 && character <= 0x1F1FF;
    }

    /** Whether a joiner may stand on either side. */
    private static boolean isPicture(int character) {
        int type = Character.getType(character);
        return type == Character.OTHER_SYMBOL
                || type == Character.MATH_SYMBOL
                || character >= 0x1F000 && character <= 0x1FAFF;
    }
}
