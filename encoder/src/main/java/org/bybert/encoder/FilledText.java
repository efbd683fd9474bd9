package org.bybert.encoder;

/**
 * A text whose masks are filled.
 *
 * @param text  the text with each mask replaced by the most probable token
 * @param masks number of masks that were filled
 * @param score geometric mean of the probabilities of the tokens filled in; NaN where there was no mask
 */
public record FilledText(String text, int masks, double score) {
}
