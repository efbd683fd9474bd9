package org.bybert.encoder.text;

import java.nio.charset.StandardCharsets;

/** The bytes of UTF-8 (RFC 3629), as the byBERT-JP v1 models read them. */
final class Utf8 extends ByteEncoding {

    static final Utf8 INSTANCE = new Utf8();

    private Utf8() {
        super("utf-8");
    }

    @Override
    int code(int codePoint) {
        // The JDK would write '?' for an unpaired surrogate, which is a character of its own.
        int c = ByteEncoding.scalar(codePoint);
        return switch (byteLength(c)) {
            case 1 -> c;
            case 2 -> 0xC0 | c >> 6 | next(c) << 8;
            case 3 -> 0xE0 | c >> 12 | next(c >> 6) << 8 | next(c) << 16;
            default -> 0xF0 | c >> 18 | next(c >> 12) << 8 | next(c >> 6) << 16 | next(c) << 24;
        };
    }

    private static int next(int bits) {
        return 0x80 | bits & 0x3f;
    }

    @Override
    public String decode(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    @Override
    public int byteLength(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
}
