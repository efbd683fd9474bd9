package org.bybert.encoder.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.bybert.encoder.Golden;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.SafetensorsWriter;

/** A model folder of any shape with seeded random weights that keep activations near 1. */
public final class RandomCheckpoint {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** Every projection of a layer, and the head. */
    static final List<String> PROJECTIONS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head");

    final int hidden;
    final int intermediate;
    final int heads;
    final int keyValueHeads;
    final int layers = 2;
    final double epsilon = 1e-5;
    int headSize;
    int vocab = 288;
    double theta = 10000;
    private final ObjectNode config = MAPPER.createObjectNode();
    private List<String> biased = List.of();
    private boolean tied;
    private Dtype dtype = Dtype.F32;
    private int shards = 1;
    private Map<String, float[]> weights;
    private Random random;

    private RandomCheckpoint(int hidden, int intermediate, int heads, int keyValueHeads) {
        this.hidden = hidden;
        this.intermediate = intermediate;
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
        this.headSize = hidden / heads;
        config.put("model_type", "llama_enc")
                .put("hidden_size", hidden)
                .put("intermediate_size", intermediate)
                .put("num_hidden_layers", layers)
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", keyValueHeads)
                .put("vocab_size", vocab)
                .put("rms_norm_eps", epsilon)
                .put("rope_theta", theta)
                .put("max_position_embeddings", 4096);
    }

    public static RandomCheckpoint of(int hidden, int intermediate, int heads, int keyValueHeads) {
        return new RandomCheckpoint(hidden, intermediate, heads, keyValueHeads);
    }

    RandomCheckpoint headSize(int size) {
        headSize = size;
        config.put("head_dim", size);
        return this;
    }

    RandomCheckpoint vocab(int size) {
        vocab = size;
        config.put("vocab_size", size);
        return this;
    }

    RandomCheckpoint theta(double base) {
        theta = base;
        config.put("rope_theta", base);
        return this;
    }

    RandomCheckpoint biases(List<String> projections) {
        biased = projections;
        return this;
    }

    RandomCheckpoint tied() {
        tied = true;
        config.put("tie_word_embeddings", true);
        return this;
    }

    public RandomCheckpoint dtype(Dtype type) {
        dtype = type;
        return this;
    }

    public RandomCheckpoint shards(int count) {
        shards = count;
        return this;
    }

    /** Changes what config.json says, not what the weights are. */
    public RandomCheckpoint config(Consumer<ObjectNode> edit) {
        edit.accept(config);
        return this;
    }

    /** Writes config.json, tokenizer_config.json and the weights. */
    public RandomCheckpoint write(Path folder) {
        return write(folder, tensors -> {});
    }

    /** As {@link #write(Path)}, with the tensors changed before they are written. */
    public RandomCheckpoint write(Path folder, Consumer<SafetensorsWriter> edit) {
        SafetensorsWriter tensors = new SafetensorsWriter();
        weights().forEach((name, values) -> tensors.put(name, dtype, values, shape(name, values.length)));
        edit.accept(tensors);
        try {
            Files.createDirectories(folder);
            MAPPER.writeValue(folder.resolve("config.json").toFile(), config);
            Files.copy(
                    Golden.folder("utf8-bf16").resolve("tokenizer_config.json"),
                    folder.resolve("tokenizer_config.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (shards == 1) {
            tensors.write(folder.resolve("model.safetensors"));
        } else {
            tensors.writeShards(folder, shards);
        }
        return this;
    }

    /** The weights by name, row after row, as a reader of the file must find them. */
    Map<String, float[]> weights() {
        if (weights == null) {
            weights = new LinkedHashMap<>();
            random = new Random(20250311);
            fill("model.embed_tokens.weight", vocab * hidden, 0, 1);
            for (int n = 0; n < layers; n++) {
                fillLayer("model.layers." + n);
            }
            fill("model.norm.weight", hidden, 1, 0.1);
            if (!tied) {
                matrix("lm_head", vocab, hidden);
            } else if (biased.contains("lm_head")) {
                fill("lm_head.bias", vocab, 0, 0.3);
            }
        }
        return weights;
    }

    private void fillLayer(String layer) {
        fill(layer + ".input_layernorm.weight", hidden, 1, 0.1);
        matrix(layer + ".self_attn.q_proj", heads * headSize, hidden);
        matrix(layer + ".self_attn.k_proj", keyValueHeads * headSize, hidden);
        matrix(layer + ".self_attn.v_proj", keyValueHeads * headSize, hidden);
        matrix(layer + ".self_attn.o_proj", hidden, heads * headSize);
        fill(layer + ".post_attention_layernorm.weight", hidden, 1, 0.1);
        matrix(layer + ".mlp.gate_proj", intermediate, hidden);
        matrix(layer + ".mlp.up_proj", intermediate, hidden);
        matrix(layer + ".mlp.down_proj", hidden, intermediate);
    }

    private void matrix(String name, int outputs, int inputs) {
        fill(name + ".weight", outputs * inputs, 0, 1 / Math.sqrt(inputs));
        if (biased.contains(name.substring(name.lastIndexOf('.') + 1))) {
            fill(name + ".bias", outputs, 0, 0.3);
        }
    }

    /** Values of eight significant bits and no tiny ones, so that they are the same in F32, F16 and BF16. */
    private void fill(String name, int count, double mean, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            float value = (float) (mean + deviation * random.nextGaussian());
            values[i] =
                    Math.abs(value) < 0x1p-14f ? 0 : Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
        }
        weights.put(name, values);
    }

    private long[] shape(String name, int count) {
        if (name.endsWith(".bias") || name.endsWith("norm.weight")) {
            return new long[] {count};
        }
        long columns = name.endsWith("down_proj.weight")
                ? intermediate
                : name.endsWith("o_proj.weight") ? (long) heads * headSize : hidden;
        return new long[] {count / columns, columns};
    }
}
