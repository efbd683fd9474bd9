package org.bybert.encoder.text;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.error.ModelException;

/**
 * How a text becomes bytes. Every encoding works character by character (Unicode scalar value), so that the bytes of a
 * concatenation are the concatenation of the bytes. An unpaired surrogate has no bytes of its own and is encoded as
 * U+FFFD; {@link #firstUnpaired} finds them.
 */
public abstract class ByteEncoding {

    static final ByteEncoding UTF_8 = new Utf8();
    static final int REPLACEMENT = 0xFFFD;

    private final String name;
    /**
     * As {@link #code}, for every {@code char} that is a character by itself, with the number of bytes (up to three) in
     * the highest eight bits: text is encoded without an object or a division per character. 256 KiB, made when needed.
     */
    private volatile int[] codes;

    ByteEncoding(String name) {
        this.name = name;
    }

    /** The value of {@code byte_encoding} in tokenizer_config.json. */
    public final String name() {
        return name;
    }

    /** The bytes of one character, {@link #byteLength(int)} of them: the first in the lowest eight bits, and so on. */
    abstract int code(int codePoint);

    /** The inverse: the text of {@code bytes[from … to)}; what is invalid becomes U+FFFD, and nothing is thrown. */
    public abstract String decode(byte[] bytes, int from, int to);

    /** Number of bytes of one character: at most three up to U+FFFF, and four of those beyond. */
    public abstract int byteLength(int codePoint);

    /** Number of bytes of a text. */
    public final int byteLength(String text) {
        int[] known = codes();
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPair(text, c, i, text.length())) {
                length += byteLength(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                length += known[c] >>> 24;
            }
        }
        return length;
    }

    /**
     * Writes each byte of {@code text[from … to)} plus {@code offset} from {@code ids[at]} on.
     *
     * @return the place after the last one
     */
    final int encode(String text, int from, int to, int offset, int[] ids, int at) {
        int[] known = codes();
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (isPair(text, c, i, to)) {
                at = encodePair(Character.toCodePoint(c, text.charAt(++i)), offset, ids, at);
                continue;
            }
            int code = known[c];
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
        int code = code(codePoint);
        for (int rest = byteLength(codePoint); rest > 0; rest--, code >>>= 8) {
            ids[at++] = offset + (code & 0xff);
        }
        return at;
    }

    private static boolean isPair(String text, char c, int i, int to) {
        return Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private int[] codes() {
        int[] known = codes;
        if (known == null) {
            known = IntStream.rangeClosed(0, Character.MAX_VALUE)
                    .map(c -> code(c) | byteLength(c) << 24)
                    .toArray();
            codes = known;
        }
        return known;
    }

    /** The character itself, or U+FFFD for an unpaired surrogate: text that no encoding of Unicode can carry. */
    static int scalar(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? REPLACEMENT : codePoint;
    }

    /** Index of the first UTF-16 surrogate without a partner, or -1. */
    public static int firstUnpaired(String text) {
        for (int at = 0, c; at < text.length(); at += Character.charCount(c)) {
            c = text.codePointAt(at);
            if (scalar(c) != c) {
                return at;
            }
        }
        return -1;
    }

    /** Those that this version can read. */
    private static List<ByteEncoding> all() {
        return List.of(UTF_8, PositionalCode.MIXED_RADIX, PositionalCode.BIT_PREFIX);
    }

    public static List<String> names() {
        return all().stream().map(ByteEncoding::name).toList();
    }

    /**
     * @param where names the source of {@code name} in the error
     * @throws ModelException where there is no such encoding
     */
    public static ByteEncoding named(String name, String where) {
        return all().stream()
                .filter(encoding -> encoding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ModelException(
                        where + ": byte_encoding: expected one of " + names() + ", found \"" + name + '"'));
    }

    /** The bytes of UTF-8 (RFC 3629), as the byBERT-JP v1 models read them. */
    private static final class Utf8 extends ByteEncoding {

        Utf8() {
            super("utf-8");
        }

        @Override
        int code(int codePoint) {
            // The JDK would write '?' for an unpaired surrogate, which is a character of its own.
            int c = scalar(codePoint);
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
}
