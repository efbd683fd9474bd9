package org.bybert.encoder.text;

/**
 * The bytes of every {@code char} that is a character by itself, looked up: text becomes token ids in one loop without an
 * object or a division per character. 256 KiB.
 */
final class CharTable {

    private final ByteEncoding encoding;
    /** As {@link ByteEncoding#code}, with the number of bytes (up to three) in the highest eight bits. */
    private final int[] codes = new int[Character.MAX_VALUE + 1];

    /** @param encoding gives a character up to U+FFFF at most three bytes */
    CharTable(ByteEncoding encoding) {
        this.encoding = encoding;
        for (int c = 0; c < codes.length; c++) {
            codes[c] = encoding.code(c) | encoding.byteLength(c) << 24;
        }
    }

    /** Number of bytes of a text. */
    int byteLength(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPair(text, c, i, text.length())) {
                length += encoding.byteLength(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                length += codes[c] >>> 24;
            }
        }
        return length;
    }

    /**
     * Writes each byte of {@code text[from … to)} plus {@code offset} from {@code ids[at]} on.
     *
     * @return the place after the last one
     */
    int encode(String text, int from, int to, int offset, int[] ids, int at) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (isPair(text, c, i, to)) {
                at = encodePair(Character.toCodePoint(c, text.charAt(++i)), offset, ids, at);
                continue;
            }
            int code = codes[c];
            ids[at++] = offset + (code & 0xff);
            if (code >= 2 << 24) {
                ids[at++] = offset + (code >>> 8 & 0xff);
                if (code >= 3 << 24) {
                    ids[at++] = offset + (code >>> 16 & 0xff);
                }
            }
        }
        return at;
    }

    private int encodePair(int codePoint, int offset, int[] ids, int at) {
        int code = encoding.code(codePoint);
        for (int rest = encoding.byteLength(codePoint); rest > 0; rest--, code >>>= 8) {
            ids[at++] = offset + (code & 0xff);
        }
        return at;
    }

    private static boolean isPair(String text, char c, int i, int to) {
        return Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text.charAt(i + 1));
    }
}
