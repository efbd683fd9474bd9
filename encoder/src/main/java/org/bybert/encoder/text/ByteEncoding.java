package org.bybert.encoder.text;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import org.bybert.encoder.error.ModelException;

/**
 * How a text becomes bytes. Every encoding works character by character (Unicode scalar value), so that the bytes of a
 * concatenation are the concatenation of the bytes. An unpaired surrogate has no bytes of its own and is encoded as
 * U+FFFD; {@link #firstUnpaired} finds them.
 */
public abstract class ByteEncoding {

    static final ByteEncoding UTF_8 = new Utf8();
    static final int REPLACEMENT = 0xFFFD;
    /** Bytes of a character at most. */
    static final int LONGEST = 4;

    private final String name;
    /** Made when needed. */
    private volatile CharTable table;

    private volatile BitSet values;
    private volatile TextAutomaton automaton;

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
        return table().byteLength(text);
    }

    final CharTable table() {
        CharTable known = table;
        if (known == null) {
            known = new CharTable(this);
            table = known;
        }
        return known;
    }

    final TextAutomaton automaton() {
        TextAutomaton known = automaton;
        if (known == null) {
            known = new TextAutomaton(this);
            automaton = known;
        }
        return known;
    }

    /** The byte values that some text has; not to be changed. */
    final BitSet values() {
        BitSet known = values;
        if (known != null) {
            return known;
        }
        BitSet found = new BitSet();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            int code = code(c);
            for (int rest = byteLength(c); rest > 0; rest--, code >>>= 8) {
                found.set(code & 0xff);
            }
        }
        values = found;
        return found;
    }

    /** The character itself, or U+FFFD for an unpaired surrogate: text that no encoding of Unicode can carry. */
    static int scalar(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? REPLACEMENT : codePoint;
    }

    /** Index of the first UTF-16 surrogate without a partner, or -1. */
    public static int firstUnpaired(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (Character.isSurrogate(text.charAt(at))) {
                int c = text.codePointAt(at);
                if (scalar(c) != c) {
                    return at;
                }
                at++;
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
