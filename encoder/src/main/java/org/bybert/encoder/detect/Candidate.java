package org.bybert.encoder.detect;

/**
 * One way in which a model may have been trained.
 *
 * @param encoding     name of the byte encoding
 * @param appendsEos   whether every text ends with the end-of-sequence token
 * @param ropeTheta    base of the rotary frequencies
 */
public record Candidate(String encoding, boolean appendsEos, double ropeTheta) {
}
