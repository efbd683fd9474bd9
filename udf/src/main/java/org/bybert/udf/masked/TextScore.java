package org.bybert.udf.masked;

/**
 * How probable a model finds a text; white space counts in none of the three.
 *
 * @param logProbability sum of the natural logarithms of the probabilities of its bytes
 * @param bytes          of its words, in the model's encoding
 * @param characters     of its words (Unicode scalar values)
 */
public record TextScore(double logProbability, int bytes, int characters) {

    /** The mean logarithm per byte: 0 or below; what {@code bybert_score} answers. */
    public double mean() {
        return logProbability / bytes;
    }

    /** Per character: 1 or above, the lower the more probable; infinite where a double cannot hold it. */
    public double perplexity() {
        return StrictMath.exp(-logProbability / characters);
    }
}
