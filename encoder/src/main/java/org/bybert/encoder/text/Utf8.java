package org.bybert.encoder.text;

import java.nio.charset.StandardCharsets;

/** The bytes of UTF-8 (RFC 3629), as the byBERT-JP v1 models read them. */
final class Utf8 implements ByteEncoding {

    @Override
    public String name() {
        return "utf-8";
    }

    @Override
    public byte[] encode(String text) {
        int unpaired = UnpairedSurrogates.first(text);
        return unpaired < 0 ? text.getBytes(StandardCharsets.UTF_8) : encodeReplacing(text);
    }

    /** The JDK would write '?' for an unpaired surrogate, which is a character of its own. */
    private static byte[] encodeReplacing(String text) {
        StringBuilder repaired = new StringBuilder(text.length());
        text.codePoints().forEach(c -> repaired.appendCodePoint(isSurrogate(c) ? 0xFFFD : c));
        return repaired.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    @Override
    public int byteLength(int codePoint) {
        if (codePoint < 0x80) {
            return 1;
        }
        if (codePoint < 0x800) {
            return 2;
        }
        return codePoint < 0x10000 ? 3 : 4;
    }

    private static boolean isSurrogate(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
