package org.bybert.job.bench.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/**
 * Writes an ONNX model: nodes and small tensors into one file, weights beside it, as a protocol buffer must stay below
 * 2 GiB.
 */
final class OnnxFile implements AutoCloseable {

    static final String MICROSOFT = "com.microsoft";
    static final int FLOAT = 1;
    static final int INT8 = 3;
    static final int INT64 = 7;

    /** Attention with nonpad_kv_seqlen came with this version of the operators. */
    private static final int OPERATORS = 24;

    private static final int IR_VERSION = 11;
    /** Weights begin on pages, so that the runtime can map them. */
    private static final int PAGE = 4096;

    private static final int ATTRIBUTE_FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;

    private final Path file;
    private final Path weightsFile;
    private final FileChannel weights;
    private final Message graph = new Message();
    private int nodes;

    OnnxFile(Path file) throws IOException {
        this.file = file;
        this.weightsFile = file.resolveSibling(file.getFileName() + ".weights");
        this.weights = FileChannel.open(
                weightsFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        graph.text(2, "encoder");
    }

    /** @param extents numbers, or names where an extent differs from run to run */
    void input(String name, int type, Object... extents) {
        graph.message(11, valueInfo(name, type, extents));
    }

    /** As {@link #input}. */
    void output(String name, int type, Object... extents) {
        graph.message(12, valueInfo(name, type, extents));
    }

    private static Message valueInfo(String name, int type, Object... extents) {
        Message shape = new Message();
        for (Object extent : extents) {
            shape.message(
                    1,
                    extent instanceof Integer number
                            ? new Message().number(1, number)
                            : new Message().text(2, extent.toString()));
        }
        Message tensor = new Message().number(1, type).message(2, shape);
        return new Message().text(1, name).message(2, new Message().message(1, tensor));
    }

    /** A constant that stands in the model file itself. */
    String numbers(String name, long... values) {
        ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asLongBuffer().put(values);
        graph.message(
                5,
                new Message()
                        .number(1, values.length)
                        .number(2, INT64)
                        .text(8, name)
                        .bytes(9, data.array()));
        return name;
    }

    String floats(String name, float[] values, int... shape) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return weight(name, FLOAT, data, shape);
    }

    String int8(String name, byte[] values, int... shape) throws IOException {
        return weight(name, INT8, ByteBuffer.wrap(values), shape);
    }

    private String weight(String name, int type, ByteBuffer data, int... shape) throws IOException {
        weights.position((weights.position() + PAGE - 1) / PAGE * PAGE);
        Message tensor = new Message();
        for (int extent : shape) {
            tensor.number(1, extent);
        }
        tensor.number(2, type)
                .text(8, name)
                .message(13, entry("location", weightsFile.getFileName().toString()))
                .message(13, entry("offset", Long.toString(weights.position())))
                .message(13, entry("length", Integer.toString(data.remaining())))
                .number(14, 1);
        graph.message(5, tensor);
        while (data.hasRemaining()) {
            weights.write(data);
        }
        return name;
    }

    private static Message entry(String key, String value) {
        return new Message().text(1, key).text(2, value);
    }

    /**
     * Adds a node and returns its first output.
     *
     * @param domain     empty for ONNX's own operators
     * @param inputs     names; empty where an optional input is left out
     * @param outputs    names; empty where an optional output is left out
     * @param attributes Long or Float by name
     */
    String node(
            String domain, String operator, List<String> inputs, List<String> outputs, Map<String, Number> attributes) {
        Message node = new Message();
        inputs.forEach(input -> node.text(1, input));
        outputs.forEach(output -> node.text(2, output));
        node.text(3, operator + '_' + nodes++).text(4, operator);
        attributes.forEach((name, value) -> node.message(
                5,
                value instanceof Float number
                        ? new Message().text(1, name).number(2, number).number(20, ATTRIBUTE_FLOAT)
                        : new Message()
                                .text(1, name)
                                .number(3, value.longValue())
                                .number(20, ATTRIBUTE_INT)));
        graph.message(1, node.text(7, domain));
        return outputs.get(0);
    }

    /** Writes the model file and closes the weights. */
    @Override
    public void close() throws IOException {
        weights.close();
        byte[] model = new Message()
                .number(1, IR_VERSION)
                .text(2, "bybert")
                .message(7, graph)
                .message(8, new Message().text(1, "").number(2, OPERATORS))
                .message(8, new Message().text(1, MICROSOFT).number(2, 1))
                .toBytes();
        Files.write(file, model);
    }
}
