package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.bybert.encoder.error.ModelException;

/** Reads the JSON objects a model folder is made of; duplicate keys and trailing text are errors. */
public final class Json {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** @throws ModelException where the file is missing, unreadable or holds anything but one JSON object */
    public static ObjectNode readObject(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelException(file + ": file not found; a model folder holds config.json, tokenizer_config.json"
                    + " and model.safetensors (or shards with model.safetensors.index.json)");
        }
        try {
            return parseObject(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e, e);
        }
    }

    /**
     * @param where names the source in errors
     * @throws ModelException where the bytes are anything but one JSON object
     */
    public static ObjectNode parseObject(byte[] utf8, String where) {
        JsonNode node = parse(utf8, where);
        if (!(node instanceof ObjectNode object)) {
            if (node.isMissingNode()) {
                throw new ModelException(where + ": expected a JSON object, found " + Mistaken.of(utf8));
            }
            throw new ModelException(where + ": expected a JSON object, found "
                    + node.getNodeType().toString().toLowerCase(Locale.ROOT));
        }
        return object;
    }

    /** One JSON value; a bare word counts as a string, so that an override needs no quotes. */
    public static JsonNode parseValue(String text, String where) {
        if (text.isBlank()) {
            throw new ModelException(where + ": expected a value, found none");
        }
        return text.matches("[A-Za-z][A-Za-z0-9_-]*") && !text.matches("true|false|null")
                ? TextNode.valueOf(text)
                : parse(text.getBytes(StandardCharsets.UTF_8), where);
    }

    private static JsonNode parse(byte[] utf8, String where) {
        try {
            return MAPPER.readTree(utf8);
        } catch (JsonProcessingException e) {
            String found = Mistaken.of(utf8.length > Mistaken.HEAD ? Arrays.copyOf(utf8, Mistaken.HEAD) : utf8);
            if (!found.isEmpty() && !found.equals(Mistaken.JSON)) {
                throw new ModelException(where + ": expected JSON, found " + found, e);
            }
            String at = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new ModelException(where + ": not valid JSON" + at + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ModelException(where + ": not valid JSON: " + e, e);
        }
    }
}
