package org.bybert.encoder.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code tokenizer_config.json} says.
 *
 * @param byteOffset id of byte 0
 * @param maskId     id of the mask token, or -1 where the tokenizer has none
 * @param prefix     id put before every text, or -1
 * @param suffix     id put after every text, or -1
 */
record TokenizerConfig(
        Path file,
        ByteEncoding encoding,
        List<SpecialToken> specials,
        int byteOffset,
        int vocabSize,
        int maskId,
        int prefix,
        int suffix) {

    /**
     * One entry of {@code added_tokens_decoder}.
     *
     * @param stripLeft  white space before the token belongs to it
     * @param stripRight white space after the token belongs to it
     */
    record SpecialToken(int id, String text, boolean stripLeft, boolean stripRight) {}

    /** Key for the id of byte 0. */
    static final String OFFSET = "byte_offset";

    private static final Logger LOG = LoggerFactory.getLogger(TokenizerConfig.class);

    static TokenizerConfig read(Settings settings, int vocabSize) {
        return new Reader(settings, settings.values(), vocabSize).read();
    }

    /**
     * Ids that byte 0 may have. Right after special tokens from id 0 on, or at 0 where the special tokens come later, there
     * is no question; else wherever the bytes that the encoding makes find ids of their own.
     *
     * @param specials ids of the special tokens
     */
    static List<Integer> offsets(Set<Integer> specials, ByteEncoding encoding, int vocabSize) {
        BitSet taken = new BitSet();
        specials.forEach(taken::set);
        int first = taken.nextClearBit(0);
        if (fits(first, taken, encoding, vocabSize)) {
            return List.of(first);
        }
        return IntStream.range(0, vocabSize)
                .filter(offset -> fits(offset, taken, encoding, vocabSize))
                .boxed()
                .toList();
    }

    private static boolean fits(int offset, BitSet taken, ByteEncoding encoding, int vocabSize) {
        BitSet made = encoding.values();
        return offset >= 0 && offset + 256 <= vocabSize && made.stream().noneMatch(value -> taken.get(offset + value));
    }

    /** The text of a token, which JSON holds as a string or in an object; empty where there is none. */
    static String text(JsonNode token) {
        return token.path("content").asText(token.asText(""));
    }

    private record Reader(Settings settings, JsonNode json, int vocabSize) {

        TokenizerConfig read() {
            JsonNode name = json.path("byte_encoding");
            if (!name.isTextual()) {
                throw error("byte_encoding: expected one of " + ByteEncoding.names() + ", found "
                        + (name.isMissingNode() ? "nothing" : name)
                        + "; name it with the model option byte_encoding=NAME");
            }
            ByteEncoding encoding = ByteEncoding.named(name.asText(), settings.file() + settings.note("byte_encoding"));
            List<SpecialToken> specials = specials();
            return new TokenizerConfig(
                    settings.file(),
                    encoding,
                    specials,
                    byteOffset(specials, encoding),
                    vocabSize,
                    id("mask_token", specials),
                    added("add_bos_token", "bos_token", specials),
                    added("add_eos_token", "eos_token", specials));
        }

        private ModelException error(String problem) {
            return new ModelException(settings.file() + ": " + problem);
        }

        private List<SpecialToken> specials() {
            JsonNode decoder = json.path("added_tokens_decoder");
            if (!decoder.isObject()) {
                throw settings.wrong("added_tokens_decoder", "an object of special tokens by id");
            }
            return decoder.properties().stream()
                    .map(entry -> special(entry.getKey(), entry.getValue()))
                    .toList();
        }

        private SpecialToken special(String key, JsonNode token) {
            if (!key.matches("0|[1-9][0-9]{0,8}")) {
                throw error("added_tokens_decoder: expected an id, found \"" + key + '"');
            }
            int id = Integer.parseInt(key);
            String text = token.path("content").asText("");
            if (text.isEmpty()) {
                throw error("added_tokens_decoder: id " + id + " has no content");
            }
            if (id >= vocabSize) {
                throw error("added_tokens_decoder: " + text + " has id " + id + ", expected 0 to " + (vocabSize - 1)
                        + " (vocab_size " + vocabSize + " in config.json)");
            }
            if (token.path("single_word").asBoolean()) {
                throw error("added_tokens_decoder: " + text + ": single_word is not supported; set it to false");
            }
            return new SpecialToken(
                    id,
                    text,
                    token.path("lstrip").asBoolean(),
                    token.path("rstrip").asBoolean());
        }

        private int byteOffset(List<SpecialToken> specials, ByteEncoding encoding) {
            List<Integer> possible =
                    offsets(specials.stream().map(SpecialToken::id).collect(Collectors.toSet()), encoding, vocabSize);
            if (json.hasNonNull(OFFSET)) {
                JsonNode given = json.get(OFFSET);
                if (!given.canConvertToInt() || !fits(given.intValue(), taken(specials), encoding, vocabSize)) {
                    throw settings.wrong(
                            OFFSET,
                            "an id of byte 0 with room for the bytes of " + encoding.name()
                                    + " beside the special tokens");
                }
                return given.intValue();
            }
            if (possible.size() == 1) {
                return possible.get(0);
            }
            if (possible.size() > 1) {
                throw error(OFFSET + ": the bytes may begin at any of the ids " + possible
                        + " beside the special tokens; say which with the model option " + OFFSET + "=ID");
            }
            BitSet taken = taken(specials);
            int offset = taken.nextClearBit(0);
            if (offset + 256 > vocabSize) {
                throw error("expected room for 256 bytes from id " + offset
                        + " (after the special tokens), found vocab_size " + vocabSize + " in config.json");
            }
            throw error("added_tokens_decoder: expected ids " + offset + " to " + (offset + 255)
                    + " free for bytes, found a special token with id " + taken.nextSetBit(offset));
        }

        private static BitSet taken(List<SpecialToken> specials) {
            BitSet taken = new BitSet();
            specials.forEach(token -> taken.set(token.id()));
            return taken;
        }

        private int added(String switchKey, String tokenKey, List<SpecialToken> specials) {
            if (!json.hasNonNull(switchKey)) {
                LOG.info(
                        "{}: {} is not given; none is added (model option {}=true adds it)",
                        settings.file(),
                        switchKey,
                        switchKey);
            }
            boolean adds = settings.flag(switchKey);
            int id = adds ? id(tokenKey, specials) : -1;
            if (adds && id < 0) {
                throw error(switchKey + " is true, expected a " + tokenKey + ", found none");
            }
            return id;
        }

        private int id(String key, List<SpecialToken> specials) {
            String text = text(json.path(key));
            if (text.isEmpty()) {
                return -1;
            }
            return specials.stream()
                    .filter(token -> token.text().equals(text))
                    .mapToInt(SpecialToken::id)
                    .findFirst()
                    .orElseThrow(() -> error(
                            key + ": expected one of the contents of added_tokens_decoder, found \"" + text + '"'));
        }
    }
}
