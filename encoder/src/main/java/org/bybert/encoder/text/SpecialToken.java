package org.bybert.encoder.text;

/**
 * One entry of {@code added_tokens_decoder}.
 *
 * @param stripLeft  white space before the token belongs to it
 * @param stripRight white space after the token belongs to it
 */
record SpecialToken(int id, String text, boolean stripLeft, boolean stripRight) {
}
