package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.error.ModelException;

/**
 * The architecture as {@code config.json} gives it, and as JSON again.
 *
 * @param vocabSize             rows of the embedding and of the head
 * @param hiddenSize            width of the residual stream
 * @param intermediateSize      width between gate/up and down projection
 * @param layers                number of transformer layers
 * @param attentionHeads        query heads
 * @param keyValueHeads         key and value heads; each serves {@code attentionHeads / keyValueHeads} query heads
 * @param headSize              width of one head, even
 * @param rmsNormEpsilon        added to the mean square
 * @param ropeTheta             base of the rotary frequencies
 * @param maxPositionEmbeddings longest input the model was made for, in tokens; longer ones extrapolate
 * @param tiedEmbeddings        the head is the embedding matrix
 * @param attentionBias         config.json demands Q/K/V/O biases (a bias in the checkpoint is applied either way)
 * @param mlpBias               config.json demands gate/up/down biases
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({
    "num_hidden_layers",
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "vocab_size",
    "rope_theta",
    "rms_norm_eps"
})
public record ModelConfig(
        int vocabSize,
        int hiddenSize,
        int intermediateSize,
        @JsonProperty("num_hidden_layers") int layers,
        @JsonProperty("num_attention_heads") int attentionHeads,
        @JsonProperty("num_key_value_heads") int keyValueHeads,
        @JsonProperty("head_dim") int headSize,
        @JsonProperty("rms_norm_eps") float rmsNormEpsilon,
        double ropeTheta,
        int maxPositionEmbeddings,
        @JsonProperty("tie_word_embeddings") boolean tiedEmbeddings,
        boolean attentionBias,
        boolean mlpBias) {

    public static final String MODEL_TYPE = "llama_enc";
    public static final String ARCHITECTURE = "LlamaEncForMaskedLM";

    /** Keys of config.json that {@code overrides} may replace. */
    public static final List<String> OVERRIDABLE =
            List.of("rope_theta", "rms_norm_eps", "max_position_embeddings", "tie_word_embeddings");

    /**
     * The values of config.json, of the command line and of a preset.
     *
     * @param json content of {@code file}; changed
     */
    public static Settings settings(Path file, ObjectNode json, Map<String, String> overrides, Preset preset) {
        return new Settings(file, json)
                .unite("rope_theta", overrides, "/rope_parameters/rope_theta", "/rope_scaling/rope_theta")
                .unite("hidden_act", overrides, "/hidden_activation")
                .unite("num_key_value_heads", overrides, "/num_kv_heads")
                .replace(overrides, OVERRIDABLE)
                .fill(preset, preset.configJson());
    }

    /** @throws ModelException where the values are not those of a byBERT model */
    public static ModelConfig read(Settings settings) {
        JsonNode json = settings.values();
        checkArchitecture(settings, json);
        int hidden = positive(settings, "hidden_size");
        int heads = positive(settings, "num_attention_heads");
        int keyValueHeads = json.hasNonNull("num_key_value_heads") ? positive(settings, "num_key_value_heads") : heads;
        if (!json.hasNonNull("head_dim") && hidden % heads != 0) {
            throw settings.wrong("hidden_size", "a multiple of num_attention_heads (" + heads + ")");
        }
        int headSize = json.hasNonNull("head_dim") ? positive(settings, "head_dim") : hidden / heads;
        if (heads % keyValueHeads != 0) {
            throw settings.wrong("num_key_value_heads", "a divisor of num_attention_heads (" + heads + ")");
        }
        if (headSize % 2 != 0) {
            throw new ModelException(settings.file() + ": head size: expected an even number for rotary positions, "
                    + "found " + headSize);
        }
        return new ModelConfig(
                positive(settings, "vocab_size"),
                hidden,
                positive(settings, "intermediate_size"),
                positive(settings, "num_hidden_layers"),
                heads,
                keyValueHeads,
                headSize,
                epsilon(settings),
                number(settings, "rope_theta", 10000),
                positive(settings, "max_position_embeddings"),
                settings.flag("tie_word_embeddings"),
                settings.flag("attention_bias"),
                settings.flag("mlp_bias"));
    }

    /** Number of values of all key heads together. */
    public int keyValueSize() {
        return keyValueHeads * headSize;
    }

    /** Number of values of all query heads together. */
    public int querySize() {
        return attentionHeads * headSize;
    }

    /** The same with another number of layers and another base of the rotary frequencies. */
    public ModelConfig with(int layers, double ropeTheta) {
        return new ModelConfig(
                vocabSize,
                hiddenSize,
                intermediateSize,
                layers,
                attentionHeads,
                keyValueHeads,
                headSize,
                rmsNormEpsilon,
                ropeTheta,
                maxPositionEmbeddings,
                tiedEmbeddings,
                attentionBias,
                mlpBias);
    }

    private static void checkArchitecture(Settings settings, JsonNode json) {
        String type = json.path("model_type").asText("");
        String architecture = json.path("architectures").path(0).asText("");
        if (!type.equals(MODEL_TYPE) || !(architecture.isEmpty() || architecture.equals(ARCHITECTURE))) {
            throw new ModelException(settings.file() + ": unsupported architecture: expected model_type " + MODEL_TYPE
                    + " (" + ARCHITECTURE + ", the byBERT-JP models), found model_type "
                    + json.path("model_type") + ", architectures " + json.path("architectures"));
        }
        String activation = json.path("hidden_act").asText("silu");
        if (!activation.equals("silu") && !activation.equals("swish")) {
            throw settings.wrong("hidden_act", "silu");
        }
        for (String key : List.of("rope_scaling", "rope_parameters")) {
            JsonNode rope = json.path(key);
            // An object of objects has a rotation for each kind of layer.
            if (!rope.path("rope_type").asText("default").equals("default")
                    || !rope.path("type").asText("default").equals("default")
                    || rope.path("partial_rotary_factor").asDouble(1) != 1
                    || rope.hasNonNull("factor")
                    || rope.properties().stream()
                            .anyMatch(entry -> entry.getValue().isObject())) {
                throw settings.wrong(key, "plain rotary positions (scaled or partial ones are not supported)");
            }
        }
        if (json.path("partial_rotary_factor").asDouble(1) != 1) {
            throw settings.wrong("partial_rotary_factor", "1");
        }
    }

    private static float epsilon(Settings settings) {
        float epsilon = (float) number(settings, "rms_norm_eps", 1e-6);
        if (!(epsilon > 0) || Float.isInfinite(epsilon)) {
            throw settings.wrong("rms_norm_eps", "a positive number in single precision");
        }
        return epsilon;
    }

    private static int positive(Settings settings, String key) {
        JsonNode value = settings.values().path(key);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() <= 0) {
            throw settings.wrong(key, "a positive whole number");
        }
        return value.intValue();
    }

    private static double number(Settings settings, String key, double missing) {
        if (!settings.values().hasNonNull(key)) {
            return missing;
        }
        JsonNode value = settings.values().get(key);
        if (!value.isNumber() || !(value.doubleValue() > 0) || Double.isInfinite(value.doubleValue())) {
            throw settings.wrong(key, "a positive number");
        }
        return value.doubleValue();
    }
}
