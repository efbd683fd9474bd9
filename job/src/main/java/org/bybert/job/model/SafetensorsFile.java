package org.bybert.job.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.model.TensorShapes;

/** Writes a {@link org.bybert.encoder.checkpoint.Safetensors} file row by row, so that no tensor need be in memory. */
final class SafetensorsFile {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final int BUFFER_BYTES = 1 << 18;

    private SafetensorsFile() {
    }

    /**
     * @param metadata the header's {@code __metadata__}
     * @param shapes   of the tensors, in file order
     * @param weights  holds them by the same names
     * @throws IOException where the file exists or cannot be written
     */
    static void write(Path file, Map<String, String> metadata, Map<String, int[]> shapes, Dtype dtype,
                      WeightSource weights) throws IOException {
        byte[] json = header(metadata, shapes, dtype);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(channel, ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(json.length).put(json).flip());
            for (var entry : shapes.entrySet()) {
                write(channel, weights.map(entry.getKey(), entry.getValue()), dtype);
            }
        }
    }

    private static byte[] header(Map<String, String> metadata, Map<String, int[]> shapes, Dtype dtype)
            throws IOException {
        ObjectNode header = MAPPER.createObjectNode();
        header.set("__metadata__", MAPPER.valueToTree(metadata));
        long end = 0;
        for (var entry : shapes.entrySet()) {
            long begin = end;
            end += TensorShapes.values(entry.getValue()) * dtype.bytes();
            ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", dtype.name());
            tensor.set("shape", MAPPER.valueToTree(entry.getValue()));
            tensor.putArray("data_offsets").add(begin).add(end);
        }
        return MAPPER.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    }

    private static void write(FileChannel channel, Tensor tensor, Dtype dtype) throws IOException {
        int rowBytes = tensor.columns() * dtype.bytes();
        ByteBuffer buffer = ByteBuffer.allocate(Math.max(rowBytes, BUFFER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        float[] row = new float[tensor.columns()];
        for (int r = 0; r < tensor.rows(); r++) {
            tensor.readRow(r, row, 0);
            if (buffer.remaining() < rowBytes) {
                writeFully(channel, buffer.flip());
                buffer.clear();
            }
            dtype.write(row, row.length, buffer);
        }
        writeFully(channel, buffer.flip());
    }

    private static void writeFully(FileChannel channel, ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            channel.write(data);
        }
    }
}
