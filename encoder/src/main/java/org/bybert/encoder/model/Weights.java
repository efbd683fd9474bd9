package org.bybert.encoder.model;

import java.util.List;
import org.bybert.encoder.kernel.PackedMatrix;

/**
 * All weights, read-only once loaded.
 *
 * @param embeddings {@code [vocab, hidden]}, row after row
 * @param finalNorm  {@code [hidden]}
 * @param head       {@code [vocab, hidden]}
 */
record Weights(float[] embeddings, List<Layer> layers, float[] finalNorm, PackedMatrix head) {

    /**
     * Weights of one transformer layer.
     *
     * @param attentionNorm  scale of the norm before attention, {@code [hidden]}
     * @param queryKeyValue  Q, K and V projections one after the other, {@code [query + 2 · keyValue, hidden]}
     * @param output         attention output projection, {@code [hidden, query]}
     * @param feedForwardNorm scale of the norm before the feed-forward part, {@code [hidden]}
     * @param gateUp         gate and up projections, a weight group of each in turn, {@code [2 · intermediate, hidden]}
     * @param down           down projection, {@code [hidden, intermediate]}
     */
    record Layer(
            float[] attentionNorm, PackedMatrix queryKeyValue, PackedMatrix output,
            float[] feedForwardNorm, PackedMatrix gateUp, PackedMatrix down) {
    }
}
