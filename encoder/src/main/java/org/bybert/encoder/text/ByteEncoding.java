package org.bybert.encoder.text;

import java.util.List;
import org.bybert.encoder.error.ModelException;

/**
 * How a text becomes bytes. Every encoding works character by character (Unicode scalar value), so that the bytes of a
 * concatenation are the concatenation of the bytes. An unpaired surrogate has no bytes of its own and is encoded as
 * U+FFFD; {@link #firstUnpaired} finds them.
 */
public interface ByteEncoding {

    int REPLACEMENT = 0xFFFD;

    /** The value of {@code byte_encoding} in tokenizer_config.json. */
    String name();

    /** The bytes of one character, {@link #byteLength(int)} of them: the first in the lowest eight bits, and so on. */
    int code(int codePoint);

    /** The inverse: the text of {@code bytes[from … to)}; what is invalid becomes U+FFFD, and nothing is thrown. */
    String decode(byte[] bytes, int from, int to);

    /** Number of bytes of one character. */
    int byteLength(int codePoint);

    /** Number of bytes of a text. */
    default int byteLength(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            bytes += byteLength(text.codePointAt(i));
        }
        return bytes;
    }

    /** The character itself, or U+FFFD for an unpaired surrogate: text that no encoding of Unicode can carry. */
    static int scalar(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE ? REPLACEMENT : codePoint;
    }

    /** Index of the first UTF-16 surrogate without a partner, or -1. */
    static int firstUnpaired(String text) {
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
        return List.of(new Utf8(), PositionalCode.MIXED_RADIX, PositionalCode.BIT_PREFIX);
    }

    static List<String> names() {
        return all().stream().map(ByteEncoding::name).toList();
    }

    /**
     * @param where names the source of {@code name} in the error
     * @throws ModelException where there is no such encoding
     */
    static ByteEncoding named(String name, String where) {
        return all().stream().filter(encoding -> encoding.name().equals(name)).findFirst().orElseThrow(() ->
                new ModelException(where + ": byte_encoding: expected one of " + names() + ", found \"" + name + '"'));
    }
}
