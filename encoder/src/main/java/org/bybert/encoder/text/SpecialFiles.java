package org.bybert.encoder.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.checkpoint.Settings;

/** The special tokens that tokenizer_config.json does not have, from the other files in which a folder may have them. */
final class SpecialFiles {

    static final String DECODER = "added_tokens_decoder";
    static final String MAP = ModelFiles.SPECIAL_TOKENS;

    /** What a token is for, and how it is spelled where only its id is given. */
    private static final Map<String, String> ROLES = new LinkedHashMap<>();

    static {
        ROLES.put("pad", "<pad>");
        ROLES.put("eos", "</s>");
        ROLES.put("bos", "<s>");
        ROLES.put("cls", "<cls>");
        ROLES.put("sep", "<sep>");
        ROLES.put("mask", "<mask>");
        ROLES.put("unk", "<unk>");
    }

    private SpecialFiles() {}

    static void fill(Settings settings, Path folder, Settings config) {
        ObjectNode map = read(folder.resolve(MAP));
        for (String role : ROLES.keySet()) {
            settings.fill(role + "_token", map.get(role + "_token"), MAP);
        }
        JsonNode fast = read(folder.resolve(ModelFiles.FAST_TOKENIZER));
        JsonNode letter = fast.at("/model/vocab/<0x41>");
        if (letter.isInt()) {
            settings.fill(TokenizerConfig.OFFSET, IntNode.valueOf(letter.intValue() - 'A'), ModelFiles.FAST_TOKENIZER);
        }
        ObjectNode decoder = JsonNodeFactory.instance.objectNode();
        for (JsonNode token : fast.path("added_tokens")) {
            decoder.set(token.path("id").asText(), token);
        }
        fillDecoder(settings, decoder, ModelFiles.FAST_TOKENIZER);
        ObjectNode added = JsonNodeFactory.instance.objectNode();
        read(folder.resolve(ModelFiles.ADDED_TOKENS))
                .properties()
                .forEach(entry -> added.putObject(entry.getValue().asText()).put("content", entry.getKey()));
        fillDecoder(settings, added, ModelFiles.ADDED_TOKENS);
        if (config.values().path("mask_token_id").isInt()) {
            ObjectNode ids = JsonNodeFactory.instance.objectNode();
            ROLES.forEach((role, text) -> {
                JsonNode id = config.values().path(role + "_token_id");
                if (id.isInt()) {
                    String spelled = TokenizerConfig.text(settings.values().path(role + "_token"));
                    ids.putObject(id.asText()).put("content", spelled.isEmpty() ? text : spelled);
                }
            });
            if (fillDecoder(settings, ids, ModelFiles.CONFIG)) {
                ids.elements()
                        .forEachRemaining(token -> ROLES.forEach((role, text) -> {
                            if (text.equals(token.path("content").asText())) {
                                settings.fill(role + "_token", token.get("content"), ModelFiles.CONFIG);
                            }
                        }));
            }
        }
    }

    private static boolean fillDecoder(Settings settings, ObjectNode tokens, String origin) {
        boolean open = !settings.values().hasNonNull(DECODER) && !tokens.isEmpty();
        if (open) {
            settings.fill(DECODER, tokens, origin);
        }
        return open;
    }

    private static ObjectNode read(Path file) {
        return Files.isRegularFile(file) ? Json.readObject(file) : JsonNodeFactory.instance.objectNode();
    }
}
