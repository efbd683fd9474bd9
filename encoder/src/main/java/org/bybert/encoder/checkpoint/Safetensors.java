package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.error.ModelException;

/**
 * The header of a safetensors file: eight bytes of little-endian header length, a JSON object that gives each tensor's
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

        public TensorInfo {
            shape = List.copyOf(shape);
        }

        /** Number of elements. */
        public long elements() {
            return bytes / dtype.bytes();
        }

        boolean hasShape(long... expected) {
            return shape.equals(Arrays.stream(expected).boxed().toList());
        }
    }

    /** The format's own cap on the header, so that a damaged length cannot exhaust memory. */
    static final long MAX_HEADER_BYTES = 100_000_000L;

    private Safetensors() {
    }

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
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return readHeader(file, channel);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e, e);
        }
    }

    private static Map<String, TensorInfo> readHeader(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < 8) {
            throw new ModelException(file + ": truncated: expected at least 8 bytes of header length, found a file of "
                    + size + " bytes");
        }
        long headerBytes = readFully(channel, 0, 8).getLong();
        if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
            throw new ModelException(file + ": damaged or not a safetensors file: expected a header length of 2 to "
                    + MAX_HEADER_BYTES + " bytes, found " + Long.toUnsignedString(headerBytes));
        }
        if (headerBytes > size - 8) {
            throw new ModelException(file + ": truncated: expected a header of " + headerBytes
                    + " bytes, found " + (size - 8) + " bytes after the header length");
        }
        ObjectNode header = Json.parseObject(readFully(channel, 8, (int) headerBytes).array(), file + " (header)");
        long dataStart = 8 + headerBytes;
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        for (var field : header.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                tensors.put(field.getKey(), tensor(file, field.getKey(), field.getValue(), dataStart, size));
            }
        }
        checkLayout(file, tensors, dataStart, size);
        return tensors;
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
        long expected = dtype.bytes();
        try {
            for (long extent : shape) {
                expected = Math.multiplyExact(expected, extent);
            }
        } catch (ArithmeticException e) {
            throw new ModelException(where + "shape " + shape + " is too large", e);
        }
        if (bytes != expected) {
            throw new ModelException(where + "expected " + expected + " bytes for " + dtype + " " + shape
                    + ", found " + bytes);
        }
        return new TensorInfo(name, dtype, shape, file, dataStart + range.get(0), bytes);
    }

    private static List<Long> longs(JsonNode array, String where) {
        if (!array.isArray()) {
            throw new ModelException(where + ": expected an array of whole numbers, found " + array);
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode value : array) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw new ModelException(where + ": expected an array of whole numbers, found " + array);
            }
            values.add(value.longValue());
        }
        return values;
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

    private static ByteBuffer readFully(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("ended after " + (position + buffer.position()) + " bytes");
            }
        }
        return buffer.flip();
    }
}
