package org.bybert.encoder.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;
import org.bybert.encoder.error.ModelException;

/**
 * One tensor in a file, read through a window that moves forwards: of the file no more than the window is in memory, and
 * no file stays open. (Mapped into memory, the pages of a whole checkpoint would count as the process's own.) Not safe
 * for use by many threads.
 */
final class FileTensor implements Tensor {

    /** Small enough not to be a humongous object of the smallest G1 heap. */
    private static final int WINDOW_BYTES = 1 << 18;

    private final TensorInfo info;
    private final int rows;
    private final int columns;
    private final int windowRows;
    private ByteBuffer window;
    /** First row in the window. */
    private int first;
    /** The row after the last one in the window. */
    private int end;

    FileTensor(TensorInfo info, int rows, int columns) {
        this.info = info;
        this.rows = rows;
        this.columns = columns;
        this.windowRows = Math.max(1, Math.min(rows, WINDOW_BYTES / Math.max(1, rowBytes())));
    }

    private int rowBytes() {
        return Math.multiplyExact(columns, info.dtype().bytes());
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
        if (row < first || row >= end) {
            fill(row);
        }
        info.dtype().read(window, (long) (row - first) * columns, out, at, columns);
        float probe = 0;
        for (int i = 0; i < columns; i++) {
            probe += out[at + i] * 0f;
        }
        if (probe != 0) {
            throw new ModelException(info.file() + ": tensor " + info.name() + ": row " + row
                    + " holds a value that is not finite; the file is damaged, fetch it again");
        }
    }

    private void fill(int row) {
        if (window == null) {
            window = ByteBuffer.allocate(windowRows * rowBytes());
        }
        int count = Math.min(windowRows, rows - row);
        long start = info.begin() + (long) row * rowBytes();
        window.clear().limit(count * rowBytes());
        try (FileChannel channel = FileChannel.open(info.file(), StandardOpenOption.READ)) {
            while (window.hasRemaining()) {
                if (channel.read(window, start + window.position()) < 0) {
                    throw new ModelException(info.file() + ": tensor " + info.name() + ": expected data up to byte "
                            + (info.begin() + info.bytes()) + ", found " + channel.size()
                            + " bytes; the file was cut after its header was read");
                }
            }
        } catch (IOException e) {
            throw new ModelException(info.file() + ": tensor " + info.name() + ": cannot be read: " + e, e);
        }
        window.flip();
        first = row;
        end = row + count;
    }
}
