package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The values of one JSON file of a model and where each comes from. The command line goes before the file, the file
 * before a preset, and where none of them has a value, its reader decides.
 *
 * @param file    that the values belong to; it may not exist where a preset stands for it
 * @param values  content of the file; changed by the methods below
 * @param origins where each value comes from, by its key
 */
public record Settings(Path file, ObjectNode values, Map<String, String> origins) {

    /** Origin of a value that is given nowhere, where Hugging Face's classes have one. */
    public static final String DEFAULT = "default of Hugging Face";

    private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
    private static final String COMMAND_LINE = "command line";
    /** How the origin of a value ends that a preset infers. */
    private static final String INFERRED = "(inferred)";

    public Settings(Path file, ObjectNode values) {
        this(file, values, new HashMap<>());
        values.fieldNames()
                .forEachRemaining(key -> origins.put(key, file.getFileName().toString()));
    }

    /** Replaces those of {@code keys} that the command line gives. */
    public Settings replace(Map<String, String> overrides, List<String> keys) {
        keys.stream().filter(overrides::containsKey).forEach(key -> {
            values.set(key, Json.parseValue(overrides.get(key), "model option " + key));
            origins.put(key, COMMAND_LINE);
        });
        return this;
    }

    /**
     * Takes other spellings of a key for it, as newer and older files have them.
     *
     * @param overrides that will replace the key's value, if they have one: then a disagreement is a warning
     * @param others    JSON pointers
     * @throws ModelException where the file has several spellings with several values
     */
    public Settings unite(String key, Map<String, String> overrides, String... others) {
        for (String other : others) {
            JsonNode there = values.at(other);
            if (there.isMissingNode() || there.isNull()) {
                continue;
            }
            if (!values.hasNonNull(key)) {
                values.set(key, there);
                origins.put(key, file.getFileName().toString());
            } else if (!agrees(values.get(key), there)) {
                String both = file + ": " + key + ": expected one value, found " + values.get(key) + " and, as "
                        + other.substring(1).replace('/', '.') + ", " + there;
                if (!overrides.containsKey(key)) {
                    throw new ModelException(both + "; find out which one the model was trained with and "
                            + (ModelConfig.OVERRIDABLE.contains(key)
                                    ? "give it as the model option " + key + "=VALUE"
                                    : "take the other out of the file"));
                }
                LOG.warn("{}; the model option {}={} is used", both, key, overrides.get(key));
            }
        }
        return this;
    }

    /** Adds what is still open and the preset knows; warns where the file says something else. */
    public Settings fill(Preset preset, Map<String, Preset.Value> known) {
        known.forEach((key, value) -> {
            if (!value.isKnown() || COMMAND_LINE.equals(origins.get(key))) {
                return;
            }
            if (!values.hasNonNull(key)) {
                values.set(key, value.value());
                origins.put(key, "preset " + preset.id() + " (" + value.certainty() + ")");
            } else if (!agrees(values.get(key), value.value())) {
                LOG.warn(
                        "{}: {} is {}, preset {} has {} ({}: {}); the file's value is used",
                        file,
                        key,
                        values.get(key),
                        preset.id(),
                        value.json(),
                        value.certainty(),
                        value.source());
            }
        });
        return this;
    }

    /** Adds what is still open and another file of the model has. */
    public void fill(String key, JsonNode value, String origin) {
        if (!values.hasNonNull(key) && value != null && !value.isNull()) {
            values.set(key, value);
            origins.put(key, origin);
        }
    }

    /** Whether nobody says what a value is: it is nowhere, or a preset infers it. */
    public boolean isOpen(String key) {
        return !values.hasNonNull(key) || origins.get(key).endsWith(INFERRED);
    }

    /** Whether the file says at least what the preset says: of an object it may hold more. */
    private static boolean agrees(JsonNode found, JsonNode known) {
        if (known.isNumber()) {
            return found.isNumber() && found.doubleValue() == known.doubleValue();
        }
        if (known.isObject()) {
            return known.properties().stream().allMatch(entry -> agrees(found.path(entry.getKey()), entry.getValue()));
        }
        // A token of tokenizer_config.json is a string, or an object that holds it.
        return found.equals(known) || found.path("content").equals(known);
    }

    /** Where a key's value comes from, e.g. {@code config.json} or {@code command line}. */
    public String origin(String key) {
        return values.hasNonNull(key) ? origins.get(key) : DEFAULT;
    }

    /**
     * False where there is no value.
     *
     * @throws ModelException where there is one that is neither true nor false
     */
    public boolean flag(String key) {
        JsonNode value = values.path(key);
        if (values.hasNonNull(key) && !value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return value.asBoolean();
    }

    /** An error about a value. */
    public ModelException wrong(String key, String expected) {
        return new ModelException(file + ": " + key + ": expected " + expected + ", found "
                + (values.has(key) ? values.get(key) : "nothing") + note(key));
    }

    /** What errors add to name a value that the file does not have; empty where it does. */
    public String note(String key) {
        String origin = origins.get(key);
        return origin == null || file.endsWith(origin) ? "" : " (" + origin + ")";
    }
}
