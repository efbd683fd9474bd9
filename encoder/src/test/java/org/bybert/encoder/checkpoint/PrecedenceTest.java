package org.bybert.encoder.checkpoint;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.EditedJson;
import org.bybert.encoder.Golden;
import org.bybert.encoder.Warnings;
import org.bybert.encoder.kernel.ScalarKernels;
import org.bybert.encoder.model.ModelFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line goes before the files of a checkpoint, and these before a preset. */
class PrecedenceTest {

    /** Knows {@code rope_theta} and {@code byte_encoding} and nothing else. */
    private static final Preset PRESET =
            preset("\"rope_theta\": " + value("30000"), "\"byte_encoding\": " + value("\"mixed-radix\""));

    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        Files.copy(Golden.folder("utf8-bf16").resolve("model.safetensors"), folder.resolve("model.safetensors"));
        config(json -> {});
        tokenizer(json -> {});
    }

    private void config(Consumer<ObjectNode> edit) {
        EditedJson.write(folder, "config.json", edit);
    }

    private void tokenizer(Consumer<ObjectNode> edit) {
        EditedJson.write(folder, "tokenizer_config.json", edit);
    }

    private static String value(String json) {
        return "{\"value\": " + json + ", \"source\": \"the card\", \"confirmed\": true}";
    }

    private static Preset preset(String config, String tokenizer) {
        return Preset.parse(
                "mine",
                ("{\"hub_id\": \"me/mine\", \"parameters\": " + value("7")
                                + ", \"training_length\": " + value("9") + ", \"query_key_value_bias\": "
                                + value("true")
                                + ", \"config.json\": {" + config + "}, \"tokenizer_config.json\": {" + tokenizer
                                + "}}")
                        .getBytes(StandardCharsets.UTF_8),
                "mine.json");
    }

    private ModelFolder read(Map<String, String> overrides) {
        return ModelFolder.read(folder, overrides, PRESET);
    }

    private static List<Object> theta(ModelFolder model) {
        return List.of(model.config().ropeTheta(), model.configSettings().origin("rope_theta"));
    }

    @Test
    void commandLineThenFileThenPresetThenDefault() {
        Map<String, String> option = Map.of("rope_theta", "20000");
        config(json -> json.put("rope_theta", 50000));
        assertEquals(List.of(20000.0, "command line"), theta(read(option)));
        assertEquals(List.of(50000.0, "config.json"), theta(read(Map.of())));
        config(json -> json.remove("rope_theta"));
        assertEquals(List.of(20000.0, "command line"), theta(read(option)));
        assertEquals(List.of(30000.0, "preset mine (confirmed)"), theta(read(Map.of())));
        assertEquals(List.of(10000.0, Settings.DEFAULT), theta(ModelFolder.read(folder, Map.of(), Preset.NONE)));
    }

    @Test
    void theBaseInRopeParametersIsTheFilesToo() {
        config(json -> json.putNull("rope_theta").putObject("rope_parameters").put("rope_theta", 70000));
        assertEquals(List.of(70000.0, "config.json"), theta(read(Map.of())));
    }

    /** The older spelling would win silently, and the model would see other positions than in training. */
    @Test
    void twoSpellingsWithTwoValuesAreRefusedUntilSomebodyDecides() {
        for (String place : List.of("rope_parameters", "rope_scaling")) {
            config(json -> json.put("rope_theta", 10000.0).putObject(place).put("rope_theta", 500000.0));
            refused(
                    () -> read(Map.of()),
                    "config.json",
                    "rope_theta: expected one value, found 10000.0 and, as " + place + ".rope_theta, 500000.0",
                    "model option rope_theta=VALUE");
            List<String> warnings = Warnings.of(
                    () -> assertEquals(List.of(500000.0, "command line"), theta(read(Map.of("rope_theta", "5e5")))));
            assertTrue(warnings.get(0).contains("rope_theta: expected one value, found 10000.0"), warnings.get(0));
            config(json -> json.put("rope_theta", 10000).putObject(place).put("rope_theta", 10000.0));
            assertEquals(List.of(10000.0, "config.json"), theta(read(Map.of())));
        }
        config(json -> json.put("hidden_act", "silu").put("hidden_activation", "gelu"));
        refused(() -> read(Map.of()), "hidden_act", "\"silu\"", "hidden_activation, \"gelu\"", "take the other out");
        config(json -> {
            json.remove("hidden_act");
            json.put("hidden_activation", "gelu");
        });
        refused(() -> read(Map.of()), "hidden_act: expected silu, found \"gelu\"");
        config(json -> json.put("num_key_value_heads", 2).put("num_kv_heads", 1));
        refused(() -> read(Map.of()), "num_key_value_heads", "found 2", "num_kv_heads, 1");
        config(json ->
                json.putObject("rope_scaling").put("rope_type", "default").put("type", "linear"));
        refused(() -> read(Map.of()), "rope_scaling: expected plain rotary positions");
        config(json ->
                json.putObject("rope_parameters").putObject("full_attention").put("rope_theta", 5));
        refused(() -> read(Map.of()), "rope_parameters: expected plain rotary positions");
    }

    @Test
    void whatIsNotUsedButSaysSomethingElseIsWarnedOf() throws IOException {
        config(json ->
                json.put("torch_dtype", "float32").put("dtype", "bfloat16").put("mask_token_id", 7));
        Path map = folder.resolve("special_tokens_map.json");
        Files.writeString(map, "{\"mask_token\": {\"content\": \"[MASK]\"}, \"eos_token\": \"</s>\"}");
        List<String> warnings = Warnings.of(() -> ByBert.check(folder, Map.of(), Preset.NONE));
        assertEquals(3, warnings.size(), warnings::toString);
        assertTrue(
                warnings.get(0)
                        .contains("torch_dtype is \"float32\", dtype is \"bfloat16\"; neither is used: the "
                                + "weights are [BF16]"),
                warnings.get(0));
        assertTrue(
                warnings.get(1).contains("mask_token is {\"content\":\"[MASK]\"}, in tokenizer_config.json it is"),
                warnings.get(1));
        assertTrue(
                warnings.get(2).contains("mask_token_id is 7, by")
                        && warnings.get(2).contains("it is 5"),
                warnings.get(2));
    }

    @Test
    void aHeadOfItsOwnIsNotThrownAwaySilently() {
        config(json -> json.put("tie_word_embeddings", true));
        refused(
                () -> ByBert.check(folder, Map.of(), Preset.NONE),
                "model.safetensors",
                "tensor lm_head.weight",
                "tie_word_embeddings is true in config.json",
                "tie_word_embeddings=false");
        assertEquals(
                List.of(),
                Warnings.of(() -> ByBert.check(folder, Map.of("tie_word_embeddings", "false"), Preset.NONE)));
        List<String> warnings = Warnings.of(
                () -> ByBert.open(folder, Map.of("tie_word_embeddings", "true"), Preset.NONE, new ScalarKernels()));
        assertTrue(warnings.toString().contains("not used by this architecture: [lm_head.weight]"), warnings::toString);
    }

    @Test
    void theTokenizerFollowsTheSameOrder() {
        assertEquals("utf-8", read(Map.of()).tokenizer().encoding().name());
        tokenizer(json -> json.remove("byte_encoding"));
        assertEquals("mixed-radix", read(Map.of()).tokenizer().encoding().name());
        assertEquals(
                "bit-prefix",
                read(Map.of("byte_encoding", "bit-prefix"))
                        .tokenizer()
                        .encoding()
                        .name());
        refused(() -> ModelFolder.read(folder, Map.of(), Preset.NONE).tokenizer(), "byte_encoding", "found nothing");
    }

    @Test
    void aPublishedPresetStandsForTheTokenizerFile() throws IOException {
        int[] ids = ByBert.check(folder, Map.of()).tokenizer().encode("柿<mask>");
        Files.delete(folder.resolve("tokenizer_config.json"));
        refused(
                () -> ByBert.check(folder, Map.of()),
                folder.resolve("tokenizer_config.json"),
                "file not found",
                "name the preset",
                "bybert-jp-100m");
        Preset preset = Presets.installed().of("100m");
        assertEquals(
                List.of(ids.length, ids[3]),
                List.of(
                        4,
                        ByBert.open(folder, Map.of(), preset, new ScalarKernels())
                                .tokenizer()
                                .maskId()));
    }

    @Test
    void aDisagreementIsNamedWithBothValues() {
        config(json -> json.put("rope_theta", 50000));
        List<String> warnings = Warnings.of(() -> ByBert.check(folder, Map.of(), PRESET));
        assertEquals(3, warnings.size(), warnings::toString);
        assertTrue(
                warnings.get(0)
                        .contains("rope_theta is 50000, preset mine has 30000 (confirmed: the card); the file's "
                                + "value is used"),
                warnings.get(0));
        assertTrue(warnings.get(1).contains("Q, K and V projections have no bias"), warnings.get(1));
        assertTrue(
                warnings.get(2).contains("byte_encoding is \"utf-8\", preset mine has \"mixed-radix\""),
                warnings.get(2));
        assertEquals(
                1,
                Warnings.of(() -> ByBert.check(folder, Map.of("rope_theta", "1e4", "byte_encoding", "utf-8"), PRESET))
                        .size());
    }

    @Test
    void aPresetThatTheFilesBearOutIsSilent() {
        Preset silent = new Preset(
                "mine",
                "",
                PRESET.parameters(),
                PRESET.trainingLength(),
                PRESET.queryKeyValueBias(),
                Map.of(),
                Presets.installed().of("100m").tokenizerJson(),
                Map.of(),
                Map.of());
        List<String> warnings = Warnings.of(() -> ByBert.check(folder, Map.of(), silent));
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.get(0).contains("bias"), warnings::toString);
    }

    @Test
    void aWrongValueOfAPresetIsBlamedOnIt() {
        config(json -> json.remove("rope_theta"));
        refused(
                () -> ModelFolder.read(folder, Map.of(), preset("\"rope_theta\": " + value("-1"), "")),
                "rope_theta",
                "(preset mine (confirmed))");
    }
}
