package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.WeightSource.RowReader;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.error.ModelException;

/**
 * A safetensors file: eight bytes of little-endian header length, a JSON object that gives each tensor's
 * dtype, shape and byte range, then the data. Format: Hugging Face safetensors, "Format" section of its README.
 */
public final class Safetensors {

    /**
     * Where one tensor lies.
     *
     * @param begin position of the first byte in {@code file}
     * @param bytes length in bytes: the product of {@code shape} times the element size
     */
    public record TensorInfo(String name, Dtype dtype, List<Long> shape, Path file, long begin, long bytes) {

        /** Number of elements. */
        public long elements() {
            return bytes / dtype.bytes();
        }

        /** Its values, which have been checked to be so many. */
        Tensor open(int rows, int columns) {
            return new Tensor(rows, columns, new Rows(this, rows, columns));
        }
    }

    /** The format's own cap on the header, so that a damaged length cannot exhaust memory. */
    static final long MAX_HEADER_BYTES = 100_000_000L;

    private Safetensors() {}

    /**
     * Reads and checks the header: every range inside the file, sizes that match dtype and shape, no overlap, no gap.
     *
     * @return tensors by name, in file order
     * @throws ModelException where the file is missing, truncated or damaged
     */
    public static Map<String, TensorInfo> readHeader(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelException(file + ": file not found");
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            long size = Files.size(file);
            String found = mistaken(file, size);
            if (size > 0 && !found.isEmpty()) {
                throw new ModelException(file + ": expected safetensors data, found " + found);
            }
            if (size < 8) {
                throw new ModelException(file + ": truncated: expected at least 8 bytes of header length, found a "
                        + "file of " + size + " bytes" + (size == 0 ? ": " + found : ""));
            }
            long headerBytes = Long.reverseBytes(in.readLong());
            if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
                throw new ModelException(file + ": damaged or not a safetensors file: expected a header length of 2 to "
                        + MAX_HEADER_BYTES + " bytes, found " + Long.toUnsignedString(headerBytes));
            }
            if (headerBytes > size - 8) {
                throw new ModelException(file + ": truncated: expected a header of " + headerBytes + " bytes, found "
                        + (size - 8) + " bytes after the header length");
            }
            byte[] json = new byte[(int) headerBytes];
            in.readFully(json);
            ObjectNode header = Json.parseObject(json, file + " (header)");
            long dataStart = 8 + headerBytes;
            Map<String, TensorInfo> tensors = new LinkedHashMap<>();
            for (var field : header.properties()) {
                if (!field.getKey().equals("__metadata__")) {
                    tensors.put(field.getKey(), tensor(file, field.getKey(), field.getValue(), dataStart, size));
                }
            }
            checkLayout(file, tensors, dataStart, size);
            return tensors;
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e, e);
        }
    }

    /** As {@link Mistaken#of}; empty for a file that could be right, since its first bytes are the header's length. */
    private static String mistaken(Path file, long size) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(Mistaken.HEAD);
        }
        boolean plausible = head.length > 8
                && head[8] == '{'
                && ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong()
                        <= Math.min(size - 8, MAX_HEADER_BYTES);
        return plausible ? "" : Mistaken.of(head);
    }

    private static TensorInfo tensor(Path file, String name, JsonNode entry, long dataStart, long size) {
        String where = file + ": tensor " + name + ": ";
        Dtype dtype;
        try {
            dtype = Dtype.valueOf(entry.path("dtype").asText());
        } catch (IllegalArgumentException e) {
            throw new ModelException(where + "unknown dtype " + entry.path("dtype"), e);
        }
        List<Long> shape = longs(entry.path("shape"), where + "shape");
        List<Long> range = longs(entry.path("data_offsets"), where + "data_offsets");
        if (range.size() != 2 || range.get(1) < range.get(0)) {
            throw new ModelException(where + "expected data_offsets [begin, end], found " + range);
        }
        long available = size - dataStart;
        if (range.get(1) > available) {
            throw new ModelException(where + "truncated: expected data up to byte " + range.get(1)
                    + " after the header, found " + available + " bytes; the file is incomplete, fetch it again");
        }
        long bytes = range.get(1) - range.get(0);
        long expected;
        try {
            expected = shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw new ModelException(where + "shape " + shape + " is too large", e);
        }
        if (bytes != expected) {
            throw new ModelException(
                    where + "expected " + expected + " bytes for " + dtype + " " + shape + ", found " + bytes);
        }
        return new TensorInfo(name, dtype, shape, file, dataStart + range.get(0), bytes);
    }

    private static List<Long> longs(JsonNode array, String where) {
        List<Long> values = new ArrayList<>();
        for (JsonNode value : array) {
            if (value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0) {
                values.add(value.longValue());
            }
        }
        if (!array.isArray() || values.size() < array.size()) {
            throw new ModelException(where + ": expected an array of whole numbers, found " + array);
        }
        return List.copyOf(values);
    }

    private static void checkLayout(Path file, Map<String, TensorInfo> tensors, long dataStart, long size) {
        List<TensorInfo> byPosition = new ArrayList<>(tensors.values());
        byPosition.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::bytes));
        long end = dataStart;
        String last = "the header";
        for (TensorInfo tensor : byPosition) {
            if (tensor.begin() != end) {
                throw new ModelException(file + ": tensor " + tensor.name()
                        + (tensor.begin() < end ? " overlaps " : " leaves a gap after ") + last
                        + ": expected to begin at byte " + end + ", found " + tensor.begin());
            }
            end += tensor.bytes();
            last = tensor.name();
        }
        if (end != size) {
            throw new ModelException(file + ": expected the data to end at byte " + end + " with " + last
                    + ", found a file of " + size + " bytes");
        }
    }

    /**
     * Rows of one tensor, read through a window that moves forwards: of the file no more than the window is in memory,
     * and none stays open. (Mapped into memory, the pages of a whole checkpoint would count as the process's own.) Not
     * safe for use by many threads.
     */
    private static final class Rows implements RowReader {

        /** Small enough not to be a humongous object of the smallest G1 heap. */
        private static final int WINDOW_BYTES = 1 << 18;

        private final TensorInfo info;
        private final int rows;
        private final int columns;
        private final int rowBytes;
        private final int windowRows;
        private ByteBuffer window;
        /** First row in the window. */
        private int first;
        /** The row after the last one in the window. */
        private int end;

        Rows(TensorInfo info, int rows, int columns) {
            this.info = info;
            this.rows = rows;
            this.columns = columns;
            this.rowBytes = Math.multiplyExact(columns, info.dtype().bytes());
            this.windowRows = Math.max(1, Math.min(rows, WINDOW_BYTES / Math.max(1, rowBytes)));
        }

        @Override
        public void read(int row, float[] out, int at) {
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
                window = ByteBuffer.allocate(windowRows * rowBytes);
            }
            int count = Math.min(windowRows, rows - row);
            try (FileChannel channel = FileChannel.open(info.file(), StandardOpenOption.READ)) {
                InputStream in = Channels.newInputStream(channel.position(info.begin() + (long) row * rowBytes));
                if (in.readNBytes(window.array(), 0, count * rowBytes) < count * rowBytes) {
                    throw new ModelException(info.file() + ": tensor " + info.name() + ": expected data up to byte "
                            + (info.begin() + info.bytes()) + ", found " + channel.size()
                            + " bytes; the file was cut after its header was read");
                }
            } catch (IOException e) {
                throw new ModelException(info.file() + ": tensor " + info.name() + ": cannot be read: " + e, e);
            }
            first = row;
            end = row + count;
        }
    }
}
