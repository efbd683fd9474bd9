package org.bybert.encoder.checkpoint;

import java.util.Set;
import org.bybert.encoder.error.ModelException;

/** Where a model's weights come from: tensors by their Hugging Face names. */
public interface WeightSource {

    boolean has(String name);

    /** Whether a tensor of this name is the bias of a Q, K or V projection. */
    static boolean isQueryKeyValueBias(String name) {
        return name.matches(".*\\.self_attn\\.[qkv]_proj\\.bias");
    }

    /**
     * The tensor of this name, to be read row by row.
     *
     * @param shape one extent (a vector) or two (rows, columns)
     * @throws ModelException naming file, tensor, expected and found where there is no such tensor of this shape
     */
    Tensor map(String name, int... shape);

    /** Element types of the tensors. */
    Set<Dtype> dtypes();

    /** Names in one warning the tensors that nothing has asked for. */
    default void warnAboutUnused() {
    }
}
