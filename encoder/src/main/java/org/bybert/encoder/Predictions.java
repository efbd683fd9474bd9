package org.bybert.encoder;

/**
 * The most probable token at each position that was asked for.
 *
 * @param ids           argmax over the whole vocabulary (the lowest id where several are equal)
 * @param probabilities its probability under the softmax over the whole vocabulary
 */
public record Predictions(int[] ids, double[] probabilities) {
}
