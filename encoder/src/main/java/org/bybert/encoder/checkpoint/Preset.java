package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bybert.encoder.error.ModelException;

/**
 * What is known about a published model without its files. It fills what a checkpoint leaves open, see
 * {@link Settings}, and gives benchmarks their shapes.
 *
 * @param id                name on the command line, e.g. {@code bybert-jp-100m}
 * @param hubId             name on the Hugging Face hub, e.g. {@code tohoku-nlp/bybert-jp-100m}
 * @param parameters        the exact number of parameters
 * @param trainingLength    longest text in training, in tokens
 * @param queryKeyValueBias whether the Q, K and V projections have a bias
 * @param configJson        values by their keys in config.json
 * @param tokenizerJson     values by their keys in tokenizer_config.json
 * @param accuracies        published masked-word accuracies in percent, by set, texts (within the training length or
 *                          all) and unit: {@code wiki cnt word}
 * @param robustness        published mean influence of a word on a keyword beside it, by kind of word: {@code look-alike},
 *                          {@code synonym}, {@code unrelated}
 */
public record Preset(
        String id,
        String hubId,
        long parameters,
        int trainingLength,
        boolean queryKeyValueBias,
        Map<String, Value> configJson,
        Map<String, Value> tokenizerJson,
        Map<String, Value> accuracies,
        Map<String, Value> robustness)
        implements Serializable {

    /**
     * What is known about one value of a model before its files are read.
     *
     * @param json      the value as JSON; {@code null} where nobody outside the checkpoint knows it
     * @param source    who says so, or how it was inferred
     * @param confirmed whether a published source says so
     */
    public record Value(String json, String source, boolean confirmed) implements Serializable {

        public boolean isKnown() {
            return !json.equals("null");
        }

        public JsonNode value() {
            return Json.parseValue(json, "preset value");
        }

        /** One word for how sure it is. */
        public String certainty() {
            return !isKnown() ? "unknown" : confirmed ? "confirmed" : "inferred";
        }
    }

    /** Knows nothing. */
    public static final Preset NONE = new Preset("none", "", 0, 0, false, Map.of(), Map.of(), Map.of(), Map.of());

    /**
     * @param where names the source in errors
     * @throws ModelException where the JSON is not that of a preset
     */
    static Preset parse(String id, byte[] json, String where) {
        ObjectNode node = Json.parseObject(json, where);
        JsonNode parameters =
                value(node.path("parameters"), where + ": parameters").value();
        JsonNode length =
                value(node.path("training_length"), where + ": training_length").value();
        JsonNode bias = value(node.path("query_key_value_bias"), where + ": query_key_value_bias")
                .value();
        if (!parameters.canConvertToLong() || !length.canConvertToInt() || !bias.isBoolean()) {
            throw new ModelException(where + ": expected whole numbers as parameters and training_length, and true or "
                    + "false as query_key_value_bias");
        }
        return new Preset(
                id,
                node.path("hub_id").asText(),
                parameters.asLong(),
                length.asInt(),
                bias.asBoolean(),
                values(node.path("config.json"), where),
                values(node.path("tokenizer_config.json"), where),
                values(node.path("masked_word_accuracy"), where),
                values(node.path("robustness"), where));
    }

    private static Map<String, Value> values(JsonNode object, String where) {
        Map<String, Value> values = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> values.put(entry.getKey(), value(entry.getValue(), where + ": " + entry.getKey())));
        return Collections.unmodifiableMap(values);
    }

    private static Value value(JsonNode node, String where) {
        if (!node.has("value")
                || !node.path("source").isTextual()
                || !node.path("confirmed").isBoolean()) {
            throw new ModelException(where + ": expected {\"value\": ..., \"source\": \"...\", \"confirmed\": true or "
                    + "false}, found " + (node.isMissingNode() ? "nothing" : node));
        }
        return new Value(
                node.get("value").toString(),
                node.get("source").asText(),
                node.get("confirmed").asBoolean());
    }

    public boolean isNone() {
        return equals(NONE);
    }

    /** The shape; what only a checkpoint knows is Hugging Face's default or the training length. */
    public ModelConfig config() {
        ObjectNode known = JsonNodeFactory.instance.objectNode().put("max_position_embeddings", trainingLength);
        return ModelConfig.read(new Settings(Path.of(id + ".json"), known).fill(this, configJson));
    }
}
