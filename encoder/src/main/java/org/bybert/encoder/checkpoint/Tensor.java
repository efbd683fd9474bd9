package org.bybert.encoder.checkpoint;

import org.bybert.encoder.error.ModelException;

/** A matrix of {@code rows × columns} floats (a vector is one row) that is read row by row. */
public interface Tensor {

    int rows();

    int columns();

    /**
     * Reads one row into {@code out[at … at + columns)}.
     *
     * @throws ModelException where a value is infinite or not a number: no trained model holds one
     */
    void readRow(int row, float[] out, int at);

    /** All values, row after row. */
    default float[] toArray() {
        float[] out = new float[Math.multiplyExact(rows(), columns())];
        for (int row = 0; row < rows(); row++) {
            readRow(row, out, row * columns());
        }
        return out;
    }
}
