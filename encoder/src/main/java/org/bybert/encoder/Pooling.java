package org.bybert.encoder;

import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;

/** How the hidden states of a row become one vector; every token counts, special tokens included. */
public enum Pooling {
    /** Mean over all tokens. */
    MEAN,
    /** The first token. */
    CLS,
    /** Largest value of each dimension over all tokens. */
    MAX;

    /** Pools the hidden states of one row; sums are kept in double precision, in the order of the tokens. */
    float[] pool(Transformer transformer, Workspace work, int start, int length) {
        int size = transformer.config().hiddenSize();
        float[] result = new float[size];
        if (length == 0) {
            return result;
        }
        transformer.hidden(work, start, result, 0);
        if (this == CLS) {
            return result;
        }
        float[] hidden = new float[size];
        double[] sums = new double[size];
        for (int token = 0; token < length; token++) {
            transformer.hidden(work, start + token, hidden, 0);
            for (int i = 0; i < size; i++) {
                sums[i] += hidden[i];
                result[i] = Math.max(result[i], hidden[i]);
            }
        }
        for (int i = 0; this == MEAN && i < size; i++) {
            result[i] = (float) (sums[i] / length);
        }
        return result;
    }

    /** Scales a vector to length 1 (L2) in place; a vector of zeros stays one. */
    public static void normalize(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        if (squares > 0) {
            double length = Math.sqrt(squares);
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (vector[i] / length);
            }
        }
    }
}
