package org.bybert.encoder.text;

/** Finds UTF-16 surrogates without a partner: text that no encoding of Unicode can carry. */
public final class UnpairedSurrogates {

    private UnpairedSurrogates() {
    }

    /** Index of the first one, or -1. */
    public static int first(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isLowSurrogate(c) || i + 1 == text.length()
                    || !Character.isLowSurrogate(text.charAt(i + 1))) {
                return i;
            }
            i++;
        }
        return -1;
    }
}
