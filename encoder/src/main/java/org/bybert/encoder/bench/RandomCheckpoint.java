package org.bybert.encoder.bench;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;

/**
 * Writes a model folder of a given shape with random weights, for measurements that begin with files: opening a model,
 * or another engine on the same weights. Weights are of the size that keeps activations near one.
 */
public final class RandomCheckpoint {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final List<String> SPECIALS = List.of("<pad>", "</s>", "<s>", "<cls>", "<sep>", "<mask>");
    private static final long SEED = 20250311;

    private final ModelConfig config;
    private final boolean queryKeyValueBias;
    private final Dtype dtype;
    private final Map<String, int[]> shapes = new LinkedHashMap<>();

    private RandomCheckpoint(ModelConfig config, boolean queryKeyValueBias, Dtype dtype) {
        this.config = config;
        this.queryKeyValueBias = queryKeyValueBias;
        this.dtype = dtype;
    }

    /**
     * Writes {@code config.json}, {@code tokenizer_config.json} and {@code model.safetensors} into an existing folder.
     *
     * @param dtype F32 or BF16
     */
    public static void write(Path folder, ModelConfig config, boolean queryKeyValueBias, Dtype dtype)
            throws IOException {
        if (dtype != Dtype.F32 && dtype != Dtype.BF16) {
            throw new IllegalArgumentException("dtype: expected F32 or BF16, found " + dtype);
        }
        RandomCheckpoint checkpoint = new RandomCheckpoint(config, queryKeyValueBias, dtype);
        checkpoint.nameTensors();
        MAPPER.writeValue(folder.resolve("config.json").toFile(), checkpoint.configJson());
        MAPPER.writeValue(folder.resolve("tokenizer_config.json").toFile(), tokenizerJson());
        checkpoint.writeTensors(folder.resolve("model.safetensors"));
    }

    private void nameTensors() {
        int hidden = config.hiddenSize();
        shapes.put("model.embed_tokens.weight", new int[] {config.vocabSize(), hidden});
        for (int n = 0; n < config.layers(); n++) {
            String layer = "model.layers." + n + '.';
            shapes.put(layer + "input_layernorm.weight", new int[] {hidden});
            projection(layer + "self_attn.q_proj", config.querySize());
            projection(layer + "self_attn.k_proj", config.keyValueSize());
            projection(layer + "self_attn.v_proj", config.keyValueSize());
            shapes.put(layer + "self_attn.o_proj.weight", new int[] {hidden, config.querySize()});
            shapes.put(layer + "post_attention_layernorm.weight", new int[] {hidden});
            shapes.put(layer + "mlp.gate_proj.weight", new int[] {config.intermediateSize(), hidden});
            shapes.put(layer + "mlp.up_proj.weight", new int[] {config.intermediateSize(), hidden});
            shapes.put(layer + "mlp.down_proj.weight", new int[] {hidden, config.intermediateSize()});
        }
        shapes.put("model.norm.weight", new int[] {hidden});
        shapes.put("lm_head.weight", new int[] {config.vocabSize(), hidden});
    }

    private void projection(String name, int outputs) {
        shapes.put(name + ".weight", new int[] {outputs, config.hiddenSize()});
        if (queryKeyValueBias) {
            shapes.put(name + ".bias", new int[] {outputs});
        }
    }

    private ObjectNode configJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.putArray("architectures").add("LlamaEncForMaskedLM");
        return json.put("model_type", "llama_enc")
                .put("vocab_size", config.vocabSize())
                .put("hidden_size", config.hiddenSize())
                .put("intermediate_size", config.intermediateSize())
                .put("num_hidden_layers", config.layers())
                .put("num_attention_heads", config.attentionHeads())
                .put("num_key_value_heads", config.keyValueHeads())
                .put("head_dim", config.headSize())
                .put("rms_norm_eps", config.rmsNormEpsilon())
                .put("rope_theta", config.ropeTheta())
                .put("max_position_embeddings", config.maxPositionEmbeddings());
    }

    private static ObjectNode tokenizerJson() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("byte_encoding", "utf-8").put("mask_token", "<mask>");
        ObjectNode decoder = json.putObject("added_tokens_decoder");
        for (int id = 0; id < SPECIALS.size(); id++) {
            decoder.putObject(Integer.toString(id)).put("content", SPECIALS.get(id)).put("special", true);
        }
        return json;
    }

    private void writeTensors(Path file) throws IOException {
        ObjectNode header = MAPPER.createObjectNode();
        long end = 0;
        for (var entry : shapes.entrySet()) {
            ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", dtype.name());
            var shape = tensor.putArray("shape");
            for (int extent : entry.getValue()) {
                shape.add(extent);
            }
            long start = end;
            end += values(entry.getValue()) * dtype.bytes();
            tensor.putArray("data_offsets").add(start).add(end);
        }
        byte[] json = MAPPER.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer head = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
            writeFully(channel, head.putLong(json.length).put(json).flip());
            SplittableRandom random = new SplittableRandom(SEED);
            for (int[] shape : shapes.values()) {
                writeFully(channel, tensor(shape, random));
            }
        }
    }

    private static long values(int[] shape) {
        long values = 1;
        for (int extent : shape) {
            values *= extent;
        }
        return values;
    }

    private ByteBuffer tensor(int[] shape, SplittableRandom random) {
        int values = Math.toIntExact(values(shape));
        // A vector is the scale of a norm (or a bias); a matrix keeps the size of what it multiplies.
        float centre = shape.length == 1 ? 0.5f : 0;
        float width = shape.length == 1 ? 1 : (float) Math.sqrt(12.0 / shape[1]);
        ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(values, dtype.bytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values; i++) {
            float value = centre + width * ((random.nextInt() >>> 8) * 0x1p-24f - 0.5f);
            if (dtype == Dtype.F32) {
                data.putFloat(value);
            } else {
                data.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
            }
        }
        return data.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            channel.write(data);
        }
    }

    /** Deletes a folder that {@link #write} has filled. */
    public static void delete(Path folder) throws IOException {
        for (String name : List.of("config.json", "tokenizer_config.json", "model.safetensors")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.deleteIfExists(folder);
    }
}
