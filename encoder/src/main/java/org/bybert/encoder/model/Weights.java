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
}
