package org.bybert.udf.words;

/**
 * A stretch of bytes of a text in the model's encoding.
 *
 * @param start first byte
 * @param end   one after the last byte
 */
public record Span(int start, int end) {

    public int length() {
        return end - start;
    }
}
