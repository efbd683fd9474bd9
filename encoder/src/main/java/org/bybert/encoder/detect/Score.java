package org.bybert.encoder.detect;

import java.util.Arrays;

/**
 * How well a model predicts the masked sample if it was trained as the candidate says.
 *
 * @param sentenceLosses negative log likelihood in nats per masked character, for each sentence; a character's is the sum
 *                       over its bytes, since encodings differ in their number
 * @param lossPerByte    the same in nats per masked byte, over all sentences
 * @param byteEntropy    entropy of the masked bytes in nats: a model that ignores the context, and so predicts the same
 *                       at every mask, cannot have a lower {@code lossPerByte} (Gibbs' inequality)
 */
public record Score(Candidate candidate, double[] sentenceLosses, double lossPerByte, double byteEntropy) {

    /** Nats per masked character, the mean over the sentences. */
    public double loss() {
        return Arrays.stream(sentenceLosses).average().orElseThrow();
    }

    /** Whether the model does better than any could that ignores the context. */
    public boolean usesContext() {
        return lossPerByte < byteEntropy;
    }
}
