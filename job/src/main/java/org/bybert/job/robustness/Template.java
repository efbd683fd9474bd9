package org.bybert.job.robustness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.masked.SpanTask.Marked;

/**
 * A sentence with a slot, {@value #SLOT}, and a keyword, and the words that are put in the slot.
 *
 * @param template with one slot, and the keyword once
 * @param base     the word that belongs in the slot
 * @param words    that take its place, by kind; a kind may have none
 */
record Template(String template, String keyword, String base, Map<Kind, List<String>> words) {

    private static final String SLOT = "{}";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** How a word is related to the base. */
    enum Kind {
        LOOK_ALIKE,
        SYNONYM,
        UNRELATED;

        /** The field of a line. */
        String field() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** As presets and people have it. */
        @Override
        public String toString() {
            return field().replace('_', '-');
        }
    }

    /**
     * @param line a JSON object
     * @throws TextProblem where it is no template
     */
    static Template parse(String line, ByteTokenizer tokenizer) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new TextProblem("no JSON", "expected one object");
        }
        if (!node.isObject()) {
            throw new TextProblem("no JSON", "expected one object");
        }
        String template = text(node, "template", tokenizer);
        String keyword = text(node, "keyword", tokenizer);
        String base = text(node, "base", tokenizer);
        once("slot", SLOT, template);
        once("keyword", keyword, template);
        if (keyword.contains("{") || keyword.contains("}")) {
            throw new TextProblem("no keyword", "expected one beside the slot, found " + keyword);
        }
        Map<Kind, List<String>> words = new TreeMap<>();
        for (Kind kind : Kind.values()) {
            words.put(kind, words(node.path(kind.field()), kind, base, tokenizer));
        }
        if (words.values().stream().allMatch(List::isEmpty)) {
            throw new TextProblem("no words", "expected some in look_alike, synonym or unrelated");
        }
        return new Template(template, keyword, base, words);
    }

    private static void once(String what, String part, String template) {
        int at = template.indexOf(part);
        if (at < 0) {
            throw new TextProblem("no " + what, "expected " + part + " in the template");
        }
        if (template.indexOf(part, at + 1) >= 0) {
            throw new TextProblem("several " + what + "s", "expected " + part + " once in the template");
        }
    }

    private static List<String> words(JsonNode array, Kind kind, String base, ByteTokenizer tokenizer) {
        if (!array.isArray() && !array.isMissingNode() && !array.isNull()) {
            throw new TextProblem("bad words", kind.field() + ": expected an array of texts, found " + array);
        }
        List<String> words = new ArrayList<>();
        for (JsonNode word : array) {
            String text = checked(word, kind.field(), tokenizer);
            if (text.equals(base) || words.contains(text)) {
                throw new TextProblem(
                        "bad words", kind.field() + ": found " + text + (text.equals(base) ? ", the base" : " twice"));
            }
            words.add(text);
        }
        return words;
    }

    private static String text(JsonNode node, String field, ByteTokenizer tokenizer) {
        if (!node.hasNonNull(field)) {
            throw new TextProblem("no " + field, "expected a field of this name");
        }
        return checked(node.get(field), field, tokenizer);
    }

    private static String checked(JsonNode value, String field, ByteTokenizer tokenizer) {
        String text = value.asText();
        if (!value.isTextual() || text.isBlank()) {
            throw new TextProblem("bad " + field, "expected a text that is not blank, found " + value);
        }
        if (ByteEncoding.firstUnpaired(text) >= 0) {
            throw new TextProblem("invalid Unicode", "an unpaired surrogate in " + field);
        }
        if (!Arrays.equals(tokenizer.encode(text), tokenizer.encodePlain(text))) {
            throw new TextProblem("special token", "expected text in " + field + ", found " + text);
        }
        return text;
    }

    /** The sentence with a word in its slot; its part is the keyword. */
    Marked with(String word) {
        int slot = template.indexOf(SLOT);
        int at = template.indexOf(keyword);
        int start = at < slot ? at : at - SLOT.length() + word.length();
        return new Marked(
                template.substring(0, slot) + word + template.substring(slot + SLOT.length()),
                start,
                start + keyword.length());
    }
}
