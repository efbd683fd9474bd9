package org.bybert.job.bench;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.TensorShapes;

/**
 * A model of a given shape with random weights, for tests and measurements that begin with files. It says so in
 * {@code config.json}, in the header of its weights and in a README, and the log says so again whenever it is
 * opened.
 *
 * @param name              of the shape, e.g. {@code bybert-jp-100m}
 * @param queryKeyValueBias whether the Q, K and V projections have a bias
 * @param byteEncoding      name of the encoding for {@code tokenizer_config.json}
 * @param seed              the same seed gives the same bytes, and the same model whatever the dtype
 * @param dtype             F32, F16 or BF16
 */
public record RandomModel(String name, ModelConfig config, boolean queryKeyValueBias, String byteEncoding, long seed,
                          Dtype dtype) {

    private static final JsonMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final List<String> SPECIALS = List.of("<pad>", "</s>", "<s>", "<cls>", "<sep>", "<mask>");
    private static final int BYTES = 256;
    private static final int BUFFER_BYTES = 1 << 18;

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
        if (Files.exists(target) && !(Files.isDirectory(target) && isEmpty(target))) {
            throw new IOException("it exists and is not empty; name a new folder");
        }
        Files.createDirectories(target.getParent());
        long free = Files.getFileStore(target.getParent()).getUsableSpace();
        if (free < weightBytes()) {
            throw new IOException(String.format(Locale.ROOT, "expected %,d bytes free for the weights, found %,d",
                    weightBytes(), free));
        }
        Path unfinished = target.resolveSibling(target.getFileName() + ".unfinished-" + ProcessHandle.current().pid());
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
        Files.writeString(folder.resolve("README.md"), "# " + title() + "\n\nMade for tests and measurements with `bybert "
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
        return json.put("model_type", ModelConfig.MODEL_TYPE)
                .put("vocab_size", config.vocabSize())
                .put("hidden_size", config.hiddenSize())
                .put("intermediate_size", config.intermediateSize())
                .put("num_hidden_layers", config.layers())
                .put("num_attention_heads", config.attentionHeads())
                .put("num_key_value_heads", config.keyValueHeads())
                .put("head_dim", config.headSize())
                .put("hidden_act", "silu")
                .put("rms_norm_eps", config.rmsNormEpsilon())
                .put("rope_theta", config.ropeTheta())
                .put("max_position_embeddings", config.maxPositionEmbeddings())
                .put("tie_word_embeddings", config.tiedEmbeddings());
    }

    /** Six special tokens, the bytes, and spare tokens for what is left of the vocabulary. */
    private ObjectNode tokenizerJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("byte_encoding", byteEncoding).put("add_bos_token", false).put("add_eos_token", false)
                .put("mask_token", "<mask>").put("pad_token", "<pad>").put("eos_token", "</s>").put("bos_token", "<s>");
        ObjectNode decoder = json.putObject("added_tokens_decoder");
        for (int id = 0; id < config.vocabSize(); id++) {
            int spare = id - SPECIALS.size() - BYTES;
            if (id < SPECIALS.size() || spare >= 0) {
                decoder.putObject(Integer.toString(id)).put("special", true)
                        .put("content", spare < 0 ? SPECIALS.get(id) : "<extra_id_" + spare + '>');
            }
        }
        return json;
    }

    /** A {@link org.bybert.encoder.checkpoint.Safetensors} file row by row, so that no tensor need be in memory. */
    private void writeWeights(Path file) throws IOException {
        RandomWeights weights = new RandomWeights(seed, queryKeyValueBias);
        byte[] header = header().toString().getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            writeFully(channel, ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length).put(header).flip());
            for (var entry : shapes().entrySet()) {
                write(channel, weights.map(entry.getKey(), entry.getValue()));
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

    private void write(FileChannel channel, Tensor tensor) throws IOException {
        int rowBytes = tensor.columns() * dtype.bytes();
        ByteBuffer buffer = ByteBuffer.allocate(Math.max(rowBytes, BUFFER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        float[] row = new float[tensor.columns()];
        for (int r = 0; r < tensor.rows(); r++) {
            tensor.reader().read(r, row, 0);
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

    private static boolean isEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }
}
