package org.bybert.encoder.checkpoint;

import org.bybert.encoder.error.ModelException;

/** Where a model's weights come from: tensors by their Hugging Face names. */
public interface WeightSource {

    /** A matrix of {@code rows × columns} floats (a vector is one row) that is read row by row. */
    record Tensor(int rows, int columns, RowReader reader) {

        /** All values, row after row. */
        public float[] toArray() {
            float[] out = new float[Math.multiplyExact(rows, columns)];
            for (int row = 0; row < rows; row++) {
                reader.read(row, out, row * columns);
            }
            return out;
        }
    }

    /** Reads rows of a tensor. */
    interface RowReader {

        /**
         * Reads one row into {@code out[at … at + columns)}.
         *
         * @throws ModelException where a value is infinite or not a number: no trained model holds one
         */
        void read(int row, float[] out, int at);
    }

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

    /** Names in one warning the tensors that nothing has asked for. */
    default void warnAboutUnused() {}
}
