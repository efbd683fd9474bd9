package org.bybert.encoder.batch;

/**
 * What became of one text.
 *
 * @param value     null where there is an error
 * @param bytes     of the whole text in the model's encoding; null for a null text
 * @param tokens    that the model read, the overlaps of windows included; null where it read none because of an error
 * @param truncated whether only the beginning of the text was read
 * @param error     {@code reason} or {@code reason: details}; null where there is a value
 */
public record Answer<A>(A value, Integer bytes, Integer tokens, boolean truncated, String error) {
}
