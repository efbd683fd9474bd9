package org.bybert.encoder.text;

/** Finds UTF-16 surrogates without a partner: text that no encoding of Unicode can carry. */
public final class UnpairedSurrogates {

    private UnpairedSurrogates() {
    }

    /** Index of the first one, or -1. */
    public static int first(String text) {
        for (int i = 0, c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                return i;
            }
        }
        return -1;
    }
}
