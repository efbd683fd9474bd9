package org.bybert.encoder.text;

/**
 * How a text becomes bytes. Every encoding works character by character (Unicode scalar value), so that the bytes of a
 * concatenation are the concatenation of the bytes. An unpaired surrogate has no bytes of its own and is encoded as
 * U+FFFD; {@link UnpairedSurrogates} counts them.
 */
public interface ByteEncoding {

    /** The value of {@code byte_encoding} in tokenizer_config.json. */
    String name();

    byte[] encode(String text);

    /** The inverse of {@link #encode}; what is invalid becomes U+FFFD, and nothing is thrown. */
    String decode(byte[] bytes, int from, int to);

    /** Number of bytes of one character. */
    int byteLength(int codePoint);

    /** Number of bytes of a text. */
    default int byteLength(String text) {
        return byteLength(text, 0, text.length());
    }

    /** Number of bytes of the part of a text from {@code from} to {@code to}. */
    default int byteLength(String text, int from, int to) {
        int bytes = 0;
        int at = from;
        while (at < to) {
            int codePoint = text.codePointAt(at);
            bytes += byteLength(codePoint);
            at += Character.charCount(codePoint);
        }
        return bytes;
    }
}
