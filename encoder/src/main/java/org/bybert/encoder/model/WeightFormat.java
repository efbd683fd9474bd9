package org.bybert.encoder.model;

import java.util.Set;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.error.ModelException;

/** How the matrices are held in memory. Both give the same bits for a checkpoint whose matrices are BF16. */
public enum WeightFormat {
    /** Four bytes a weight, as the kernels read them. */
    F32,
    /** Two bytes a weight, widened block by block while the model runs; F32 and F16 weights lose digits. */
    BF16;

    /** The smallest format that loses nothing. */
    public static WeightFormat of(Set<Dtype> dtypes) {
        return dtypes.equals(Set.of(Dtype.BF16)) ? BF16 : F32;
    }

    /** @throws ModelException where there is no such format */
    public static WeightFormat named(String name) {
        return switch (name) {
            case "f32" -> F32;
            case "bf16" -> BF16;
            default -> throw new ModelException("model option weights: expected f32 or bf16, found \"" + name + '"');
        };
    }
}
