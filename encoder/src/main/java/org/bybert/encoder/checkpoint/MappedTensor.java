package org.bybert.encoder.checkpoint;

import java.nio.ByteBuffer;
import org.bybert.encoder.ModelException;

/** One memory-mapped tensor. */
final class MappedTensor implements Tensor {

    private final TensorInfo info;
    private final ByteBuffer data;
    private final int rows;
    private final int columns;

    MappedTensor(TensorInfo info, ByteBuffer data, int rows, int columns) {
        this.info = info;
        this.data = data;
        this.rows = rows;
        this.columns = columns;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
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
}
