package org.bybert.encoder.checkpoint;

import java.nio.ByteBuffer;
import org.bybert.encoder.ModelException;

/** One memory-mapped tensor, read as a matrix of {@code rows × columns} floats (a vector is one row). */
public final class Tensor {

    private final TensorInfo info;
    private final ByteBuffer data;
    private final int rows;
    private final int columns;

    Tensor(TensorInfo info, ByteBuffer data, int rows, int columns) {
        this.info = info;
        this.data = data;
        this.rows = rows;
        this.columns = columns;
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /**
     * Reads one row into {@code out[at … at + columns)}.
     *
     * @throws ModelException where a value is infinite or not a number: no trained model holds one
     */
    public void readRow(int row, float[] out, int at) {
        info.dtype().read(data, (long) row * columns, out, at, columns);
        float probe = 0;
        for (int i = 0; i < columns; i++) {
            probe += out[at + i] * 0f;
        }
        if (probe != 0) {
            throw new ModelException(info.file() + ": tensor " + info.name() + ": row " + row
                    + " holds a value that is not finite; the file is damaged, fetch it again");
        }
    }

    /** All values, row after row. */
    public float[] toArray() {
        float[] out = new float[Math.multiplyExact(rows, columns)];
        for (int row = 0; row < rows; row++) {
            readRow(row, out, row * columns);
        }
        return out;
    }
}
