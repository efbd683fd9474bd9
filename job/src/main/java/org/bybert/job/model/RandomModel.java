package org.bybert.job.model;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
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
    private static final String CONFIG = "config.json";
    private static final List<String> FILES = List.of("README.md", "tokenizer_config.json", "model.safetensors", CONFIG);
    private static final List<String> SPECIALS = List.of("<pad>", "</s>", "<s>", "<cls>", "<sep>", "<mask>");
    private static final int BYTES = 256;

    public RandomModel {
        if (!dtype.isReadable()) {
            throw new IllegalArgumentException("dtype: expected F32, F16 or BF16, found " + dtype);
        }
    }

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
            delete(unfinished);
            throw e;
        }
    }

    private void writeFiles(Path folder) throws IOException {
        Files.writeString(folder.resolve("README.md"), "# " + title() + "\n\nMade for tests and measurements with `bybert "
                + "make-checkpoint`. This is not a trained model: its answers mean nothing.\n");
        MAPPER.writeValue(folder.resolve("tokenizer_config.json").toFile(), tokenizerJson());
        SafetensorsFile.write(folder.resolve("model.safetensors"),
                new TreeMap<>(Map.of("format", "pt", ModelFolder.RANDOM, title())), shapes(), dtype,
                new RandomWeights(seed, dtype, queryKeyValueBias));
        MAPPER.writeValue(folder.resolve(CONFIG).toFile(), configJson());
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

    private static boolean isEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    /** Deletes a folder that {@link #write} has filled. */
    public static void delete(Path folder) throws IOException {
        for (String file : FILES) {
            Files.deleteIfExists(folder.resolve(file));
        }
        Files.deleteIfExists(folder);
    }
}
