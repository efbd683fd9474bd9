package org.bybert.encoder.text;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bybert.encoder.EditedJson;
import org.bybert.encoder.Golden;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.text.TokenizerConfig.SpecialToken;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerConfigTest {

    @TempDir
    Path folder;

    Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("tokenizer_config.json");
    }

    private static TokenizerConfig read(Path folder, int vocabSize, Map<String, String> overrides) {
        return TokenizerConfig.read(ByteTokenizer.settings(folder, overrides, Preset.NONE), vocabSize);
    }

    private TokenizerConfig read(Consumer<ObjectNode> edit) {
        return read(edit, Map.of());
    }

    private TokenizerConfig read(Consumer<ObjectNode> edit, Map<String, String> overrides) {
        EditedJson.write(folder, "tokenizer_config.json", edit);
        return read(folder, 288, overrides);
    }

    private static ObjectNode added(ObjectNode json) {
        return (ObjectNode) json.get("added_tokens_decoder");
    }

    @Test
    void everyValueIsRead() {
        TokenizerConfig config = read(Golden.folder("utf8-bf16"), 288, Map.of());
        assertEquals("utf-8", config.encoding().name());
        assertEquals(32, config.specials().size());
        assertEquals(
                new SpecialToken(5, "<mask>", false, false), config.specials().get(5));
        assertEquals(
                List.of(6, 288, 5, -1, -1),
                List.of(config.byteOffset(), config.vocabSize(), config.maskId(), config.prefix(), config.suffix()));
    }

    @Test
    void theFlagsOfTheFileAddTokens() {
        TokenizerConfig config = read(json -> json.put("add_bos_token", true).put("add_eos_token", true));
        assertEquals(2, config.prefix());
        assertEquals(1, config.suffix());
    }

    @Test
    void tokensMayBeGivenAsObjects() {
        TokenizerConfig config = read(json -> {
            json.putObject("mask_token").put("content", "<mask>").put("lstrip", true);
            json.put("add_eos_token", true).putObject("eos_token").put("content", "<sep>");
        });
        assertEquals(5, config.maskId());
        assertEquals(4, config.suffix());
    }

    @Test
    void strippingIsRead() {
        TokenizerConfig config = read(json -> added(json)
                .putObject("5")
                .put("content", "<mask>")
                .put("lstrip", true)
                .put("rstrip", true));
        assertEquals(
                1,
                config.specials().stream()
                        .filter(new SpecialToken(5, "<mask>", true, true)::equals)
                        .count());
    }

    @Test
    void bytesTakeTheFirstFreeIds() {
        Consumer<ObjectNode> noTokens = json -> {
            json.remove("mask_token");
            json.putObject("added_tokens_decoder");
        };
        assertEquals(0, read(noTokens).byteOffset());
        assertEquals(
                3,
                read(json -> {
                            noTokens.accept(json);
                            for (String id : List.of("0", "1", "2", "259", "287")) {
                                added(json).putObject(id).put("content", "<token " + id + ">");
                            }
                        })
                        .byteOffset());
    }

    @Test
    void aMissingFileIsNamed() {
        refused(() -> read(folder, 288, Map.of()), file, "file not found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{} {}", "{\"a\":1,\"a\":2}"})
    void anythingButOneJsonObjectIsRefused(String json) throws IOException {
        Files.writeString(file, json);
        refused(() -> read(folder, 288, Map.of()), file, "JSON");
    }

    @Test
    void aMissingByteEncodingIsRefusedWithTheKnownOnes() {
        refused(
                () -> read(json -> json.remove("byte_encoding")),
                file,
                "byte_encoding",
                ByteEncoding.names(),
                "found nothing",
                "model option");
        refused(
                () -> read(json -> json.put("byte_encoding", 8)),
                file,
                "byte_encoding",
                ByteEncoding.names(),
                "found 8");
        refused(() -> read(json -> json.putNull("byte_encoding")), file, "byte_encoding", ByteEncoding.names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-16", "UTF-8", "utf8", "latin-1", ""})
    void anUnknownByteEncodingIsRefusedWithTheKnownOnes(String name) {
        refused(
                () -> read(json -> json.put("byte_encoding", name)),
                file,
                ByteEncoding.names(),
                "found \"" + name + '"');
    }

    @Test
    void aMaskThatIsNoAddedTokenIsRefused() {
        refused(
                () -> read(json -> json.put("mask_token", "[MASK]")),
                file,
                "mask_token",
                "added_tokens_decoder",
                "[MASK]");
        refused(() -> read(json -> added(json).remove("5")), file);
    }

    @Test
    void aSpecialTokenAmongTheBytesIsRefused() {
        refused(
                () -> read(json -> added(json).putObject("100").put("content", "<inside>")),
                file,
                "ids 6 to 261 free for bytes",
                "found a special token with id 100");
        // No text has byte 255 in UTF-8.
        assertEquals(
                6,
                read(json -> added(json).putObject("261").put("content", "<inside>"))
                        .byteOffset());
    }

    @Test
    void aVocabularyTooSmallForTheBytesIsRefused() {
        Consumer<ObjectNode> withoutExtras = json -> added(json).retain(List.of("0", "1", "2", "3", "4", "5"));
        EditedJson.write(folder, "tokenizer_config.json", withoutExtras);
        assertEquals(6, read(folder, 262, Map.of()).byteOffset());
        refused(() -> read(folder, 261, Map.of()), file, "256 bytes from id 6", "vocab_size 261");
    }

    @Test
    void aSpecialTokenBeyondTheVocabularyIsRefused() {
        EditedJson.write(folder, "tokenizer_config.json", json -> {});
        refused(() -> read(folder, 287, Map.of()), file, "<extra_id_25>", "id 287", "vocab_size 287");
    }

    @ParameterizedTest
    @ValueSource(strings = {"five", "5.0", "", "0x5", "99999999999", "-1"})
    void anIdThatIsNoWholeNumberIsRefused(String id) {
        refused(
                () -> read(json -> added(json).putObject(id).put("content", "<odd>")),
                file,
                "added_tokens_decoder",
                "found \"" + id + '"');
    }

    @ParameterizedTest
    @ValueSource(strings = {"05", "+5"})
    void anotherSpellingOfAnIdIsRefusedNotTakenForIt(String id) {
        refused(() -> read(json -> added(json).putObject(id).put("content", "<odd>")), file, "added_tokens_decoder");
    }

    @Test
    void aTokenWithoutContentIsRefused() {
        refused(() -> read(json -> added(json).putObject("3")), file, "id 3", "content");
        refused(() -> read(json -> added(json).put("3", 3)), file, "id 3", "content");
        refused(() -> read(json -> added(json).putObject("3").put("content", "")), file, "id 3", "content");
    }

    @Test
    void missingAddedTokensAreRefused() {
        refused(() -> read(json -> json.remove("added_tokens_decoder")), file, "added_tokens_decoder", "nothing");
        refused(() -> read(json -> json.putArray("added_tokens_decoder")), file, "added_tokens_decoder", "[]");
    }

    @Test
    void singleWordTokensAreRefused() {
        refused(
                () -> read(json ->
                        added(json).putObject("5").put("content", "<mask>").put("single_word", true)),
                file,
                "<mask>",
                "single_word");
    }

    @ParameterizedTest
    @CsvSource({"add_bos_token, bos_token", "add_eos_token, eos_token"})
    void aTokenToAddThatIsNotNamedIsRefused(String flag, String token) {
        refused(() -> read(json -> json.put(flag, true).remove(token)), file, flag, token);
        refused(() -> read(json -> json.put(flag, true).putNull(token)), file, flag, token);
        refused(() -> read(json -> json.put(flag, true).put(token, "<none>")), file, token, "<none>");
    }

    @Test
    void aFlagThatIsNoFlagIsRefused() {
        refused(() -> read(json -> json.put("add_eos_token", "yes")), file, "add_eos_token", "true or false", "yes");
        refused(() -> read(json -> json.put("add_bos_token", 1)), file, "add_bos_token", "true or false", "1");
    }

    @Test
    void overridesReplaceTheFile() {
        TokenizerConfig config = read(
                json -> json.put("byte_encoding", "no such").put("add_eos_token", true),
                Map.of("byte_encoding", "utf-8", "add_eos_token", "false", "add_bos_token", "true"));
        assertEquals("utf-8", config.encoding().name());
        assertEquals(2, config.prefix());
        assertEquals(-1, config.suffix());
    }

    @ParameterizedTest
    @CsvSource({
        "byte_encoding, utf-7",
        "byte_encoding, true",
        "byte_encoding, ''",
        "add_eos_token, yes",
        "add_eos_token, True",
        "add_eos_token, 1",
        "add_eos_token, ''",
        "add_bos_token, {"
    })
    void badOverridesAreRefused(String key, String value) {
        refused(() -> read(json -> {}, Map.of(key, value)), key);
    }
}
