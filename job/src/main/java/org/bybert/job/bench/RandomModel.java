package org.bybert.job.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.TensorShapes;

/**
 * A model of a given shape with random weights, for tests and measurements. As files it says so in {@code config.json},
 * in the header of its weights and in a README, and the log says so again whenever it is opened.
 *
 * <p>Weights are uniform around their mean: matrices with the deviation {@code 1 / sqrt(columns)} that keeps
 * activations near one, norms around one, biases around zero. Values are exact in F16 and in BF16, so that every
 * {@code dtype} claimed gives the same model.
 *
 * @param name              of the shape, e.g. {@code bybert-jp-100m}
 * @param queryKeyValueBias whether the Q, K and V projections have a bias
 * @param byteEncoding      name of the encoding for {@code tokenizer_config.json}
 * @param seed              the same seed gives the same bytes, and the same model whatever the dtype
 * @param dtype             F32, F16 or BF16
 */
public record RandomModel(
        String name, ModelConfig config, boolean queryKeyValueBias, String byteEncoding, long seed, Dtype dtype)
        implements WeightSource {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final List<String> SPECIALS = List.of("<pad>", "</s>", "<s>", "<cls>", "<sep>", "<mask>");
    private static final int BYTES = 256;
    private static final int BUFFER_BYTES = 1 << 18;
    private static final double VECTOR_DEVIATION = 0.1;

    /** Size of the weights in bytes. */
    public long weightBytes() {
        return TensorShapes.parameters(shapes()) * dtype.bytes();
    }

    private Map<String, int[]> shapes() {
        return TensorShapes.of(config, queryKeyValueBias);
    }

    /**
     * Writes the model folder under a name that ends in {@code .unfinished-PID} and renames it last.
     *
     * @param folder must not exist, or be empty
     * @throws IOException where it is not, or cannot be written; nothing is left behind then
     */
    public void write(Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        String[] content = target.toFile().list();
        if (Files.exists(target) && (content == null || content.length > 0)) {
            throw new IOException("it exists and is not empty; name a new folder");
        }
        Files.createDirectories(target.getParent());
        long free = Files.getFileStore(target.getParent()).getUsableSpace();
        if (free < weightBytes()) {
            throw new IOException(String.format(
                    Locale.ROOT, "expected %,d bytes free for the weights, found %,d", weightBytes(), free));
        }
        Path unfinished = target.resolveSibling(
                target.getFileName() + ".unfinished-" + ProcessHandle.current().pid());
        if (Files.exists(unfinished)) {
            throw new IOException(unfinished + " exists: a run that was killed has left it; delete it");
        }
        Files.createDirectory(unfinished);
        try {
            writeFiles(unfinished);
            Files.deleteIfExists(target);
            Files.move(unfinished, target);
        } catch (IOException e) {
            FileUtil.fullyDelete(unfinished.toFile());
            throw e;
        }
    }

    private void writeFiles(Path folder) throws IOException {
        Files.writeString(
                folder.resolve("README.md"),
                "# " + title() + "\n\nMade for tests and measurements with `bybert "
                        + "make-checkpoint`. This is not a trained model: its answers mean nothing.\n");
        MAPPER.writeValue(folder.resolve("tokenizer_config.json").toFile(), tokenizerJson());
        writeWeights(folder.resolve("model.safetensors"));
        MAPPER.writeValue(folder.resolve("config.json").toFile(), configJson());
    }

    private String title() {
        return name + ", random weights (seed " + seed + ")";
    }

    private ObjectNode configJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("_name_or_path", title());
        json.putObject(ModelFolder.RANDOM).put("seed", seed).put("note", "random weights, not a trained model");
        json.putArray("architectures").add(ModelConfig.ARCHITECTURE);
        json.put("model_type", ModelConfig.MODEL_TYPE).put("hidden_act", "silu");
        return json.setAll(MAPPER.<ObjectNode>valueToTree(config));
    }

    /** Six special tokens, the bytes, and spare tokens for what is left of the vocabulary. */
    private ObjectNode tokenizerJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("byte_encoding", byteEncoding)
                .put("add_bos_token", false)
                .put("add_eos_token", false)
                .put("mask_token", "<mask>")
                .put("pad_token", "<pad>")
                .put("eos_token", "</s>")
                .put("bos_token", "<s>");
        ObjectNode decoder = json.putObject("added_tokens_decoder");
        for (int id = 0; id < config.vocabSize(); id++) {
            int spare = id - SPECIALS.size() - BYTES;
            if (id < SPECIALS.size() || spare >= 0) {
                decoder.putObject(Integer.toString(id))
                        .put("special", true)
                        .put("content", spare < 0 ? SPECIALS.get(id) : "<extra_id_" + spare + '>');
            }
        }
        return json;
    }

    /** A {@link org.bybert.encoder.checkpoint.Safetensors} file row by row, so that no tensor need be in memory. */
    private void writeWeights(Path file) throws IOException {
        byte[] header = header().toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (var entry : shapes().entrySet()) {
                write(out, map(entry.getKey(), entry.getValue()));
            }
        }
    }

    private ObjectNode header() {
        ObjectNode header = MAPPER.createObjectNode();
        header.putObject("__metadata__").put(ModelFolder.RANDOM, title()).put("format", "pt");
        long end = 0;
        for (var entry : shapes().entrySet()) {
            long begin = end;
            end += TensorShapes.values(entry.getValue()) * dtype.bytes();
            ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", dtype.name());
            tensor.set("shape", MAPPER.valueToTree(entry.getValue()));
            tensor.putArray("data_offsets").add(begin).add(end);
        }
        return header;
    }

    private void write(OutputStream out, Tensor tensor) throws IOException {
        float[] row = new float[tensor.columns()];
        byte[] bytes = new byte[row.length * dtype.bytes()];
        ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int r = 0; r < tensor.rows(); r++) {
            tensor.reader().read(r, row, 0);
            dtype.write(row, row.length, values.clear());
            out.write(bytes);
        }
    }

    @Override
    public boolean has(String name) {
        return !name.endsWith(".bias") || queryKeyValueBias && WeightSource.isQueryKeyValueBias(name);
    }

    @Override
    public Tensor map(String name, int... shape) {
        boolean vector = shape.length == 1;
        int columns = shape[shape.length - 1];
        long firstRow = new SplittableRandom(seed ^ (long) name.hashCode() << 32).nextLong();
        float mean = name.endsWith("norm.weight") ? 1 : 0;
        float width = (float) (Math.sqrt(12) * (vector ? VECTOR_DEVIATION : 1 / Math.sqrt(columns)));
        return new Tensor(vector ? 1 : shape[0], columns, (row, out, at) -> {
            SplittableRandom random = new SplittableRandom(firstRow + row);
            for (int i = 0; i < columns; i++) {
                float value = mean + width * (random.nextInt() * 0x1p-32f);
                // Below this F16 has fewer digits than BF16.
                out[at + i] = Math.abs(value) < 0x1p-14f
                        ? 0
                        : Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
            }
        });
    }
}
