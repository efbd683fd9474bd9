package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.error.ModelException;

/**
 * What is known about a published model without its files. It fills what a checkpoint leaves open, see
 * {@link Settings}, and gives benchmarks their shapes.
 *
 * @param id            name on the command line, e.g. {@code bybert-jp-100m}
 * @param hubId         name on the Hugging Face hub, e.g. {@code tohoku-nlp/bybert-jp-100m}
 * @param about         the values named by {@link #ABOUT}, which no file of a checkpoint has
 * @param configJson    values by their keys in config.json
 * @param tokenizerJson values by their keys in tokenizer_config.json
 */
public record Preset(String id, String hubId, Map<String, Value> about,
                     Map<String, Value> configJson, Map<String, Value> tokenizerJson) implements Serializable {

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
    public static final Preset NONE = new Preset("none", "", Map.of(), Map.of(), Map.of());

    private static final String PARAMETERS = "parameters";
    private static final String TRAINING_LENGTH = "training_length";
    private static final String BIAS = "query_key_value_bias";
    static final List<String> ABOUT = List.of(PARAMETERS, TRAINING_LENGTH, BIAS);

    public Preset {
        about = Collections.unmodifiableMap(new LinkedHashMap<>(about));
        configJson = Collections.unmodifiableMap(new LinkedHashMap<>(configJson));
        tokenizerJson = Collections.unmodifiableMap(new LinkedHashMap<>(tokenizerJson));
    }

    /**
     * The installed preset of a name; the leading {@code bybert-jp-} may be left out.
     *
     * @throws ModelException naming the presets where there is none of this name
     */
    public static Preset of(String name) {
        return Presets.installed().of(name);
    }

    /**
     * @param where names the source in errors
     * @throws ModelException where the JSON is not that of a preset
     */
    static Preset parse(String id, byte[] json, String where) {
        ObjectNode node = Json.parseObject(json, where);
        Map<String, Value> about = new LinkedHashMap<>();
        ABOUT.forEach(key -> about.put(key, value(node.path(key), where + ": " + key)));
        if (!about.get(PARAMETERS).value().canConvertToLong() || !about.get(TRAINING_LENGTH).value().canConvertToInt()
                || !about.get(BIAS).value().isBoolean()) {
            throw new ModelException(where + ": expected whole numbers as parameters and training_length, and true or "
                    + "false as query_key_value_bias");
        }
        return new Preset(id, node.path("hub_id").asText(), about, values(node.path("config.json"), where),
                values(node.path("tokenizer_config.json"), where));
    }

    private static Map<String, Value> values(JsonNode object, String where) {
        Map<String, Value> values = new LinkedHashMap<>();
        object.properties().forEach(entry ->
                values.put(entry.getKey(), value(entry.getValue(), where + ": " + entry.getKey())));
        return values;
    }

    private static Value value(JsonNode node, String where) {
        if (!node.has("value") || !node.path("source").isTextual() || !node.path("confirmed").isBoolean()) {
            throw new ModelException(where + ": expected {\"value\": ..., \"source\": \"...\", \"confirmed\": true or "
                    + "false}, found " + (node.isMissingNode() ? "nothing" : node));
        }
        return new Value(node.get("value").toString(), node.get("source").asText(),
                node.get("confirmed").asBoolean());
    }

    public boolean isNone() {
        return equals(NONE);
    }

    /** The shape; what only a checkpoint knows is Hugging Face's default or the training length. */
    public ModelConfig config() {
        ObjectNode known = JsonNodeFactory.instance.objectNode().put("max_position_embeddings", trainingLength());
        return ModelConfig.read(new Settings(Path.of(id + ".json"), known).fill(this, configJson));
    }

    /** The exact number of parameters. */
    public long parameters() {
        return about.get(PARAMETERS).value().asLong();
    }

    /** Longest text in training, in tokens. */
    public int trainingLength() {
        return about.get(TRAINING_LENGTH).value().asInt();
    }

    /** Whether the Q, K and V projections have a bias. */
    public boolean queryKeyValueBias() {
        return about.get(BIAS).value().asBoolean();
    }
}
