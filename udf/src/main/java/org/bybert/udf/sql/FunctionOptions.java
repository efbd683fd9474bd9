package org.bybert.udf.sql;

import java.io.Serializable;
import org.bybert.encoder.Pooling;

/**
 * How the SQL functions answer.
 *
 * @param pooling   of {@code bybert_embed}
 * @param normalize scale embeddings to length 1 (L2)
 * @param maxTokens longest text in tokens; 0 stands for the model's {@code max_position_embeddings}
 * @param longText  what happens to longer ones
 */
public record FunctionOptions(Pooling pooling, boolean normalize, int maxTokens, LongText longText)
        implements Serializable {

    public static final FunctionOptions DEFAULTS = new FunctionOptions(Pooling.MEAN, false, 0, LongText.REJECT);

    public FunctionOptions {
        if (maxTokens < 0) {
            throw new IllegalArgumentException("maxTokens: expected 0 or more, found " + maxTokens);
        }
    }
}
