package org.bybert.encoder.checkpoint;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.EditedJson;
import org.bybert.encoder.Golden;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> REQUIRED = List.of(
            "vocab_size",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "max_position_embeddings");

    @TempDir
    Path folder;

    Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("config.json");
    }

    @Test
    void everyValueIsRead() {
        assertEquals(
                new ModelConfig(288, 96, 200, 3, 6, 3, 16, 1e-6f, 20000, 4096, false, false, false),
                ConfigFile.read(Golden.folder("qkvbias-f16"), Map.of()));
    }

    @Test
    void optionalKeysHaveTheDefaultsOfHuggingFace() {
        ModelConfig config = read(json -> json.remove(List.of(
                "num_key_value_heads",
                "rms_norm_eps",
                "rope_theta",
                "tie_word_embeddings",
                "attention_bias",
                "mlp_bias",
                "hidden_act",
                "architectures",
                "rope_scaling")));
        assertEquals(new ModelConfig(288, 64, 176, 2, 4, 4, 16, 1e-6f, 10000, 3072, false, false, false), config);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "num_key_value_heads",
                "head_dim",
                "rms_norm_eps",
                "rope_theta",
                "rope_scaling",
                "tie_word_embeddings",
                "attention_bias",
                "mlp_bias"
            })
    void nullIsAsGoodAsNothing(String key) {
        ModelConfig without = read(json -> json.remove(key));
        assertEquals(without, read(json -> json.putNull(key)));
    }

    @Test
    void headSizeMayDifferFromHiddenSizeOverHeads() {
        ModelConfig config = read(json -> json.put("hidden_size", 50).put("head_dim", 24));
        assertEquals(24, config.headSize());
        assertEquals(96, config.querySize());
        assertEquals(48, config.keyValueSize());
    }

    @Test
    void ropeThetaIsFoundInRopeParameters() {
        assertEquals(
                500,
                read(json -> {
                            json.remove("rope_theta");
                            json.putObject("rope_parameters")
                                    .put("rope_theta", 500.0)
                                    .put("rope_type", "default");
                        })
                        .ropeTheta());
    }

    @Test
    void overridesReplaceTheFile() {
        write(json -> json.putObject("rope_parameters").put("rope_theta", 500.0));
        ModelConfig config = ConfigFile.read(
                folder, Map.of("rope_theta", "20000", "rms_norm_eps", "1e-5", "max_position_embeddings", "512"));
        assertEquals(20000, config.ropeTheta());
        assertEquals(1e-5f, config.rmsNormEpsilon());
        assertEquals(512, config.maxPositionEmbeddings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rope_theta | ten",
                "rope_theta | -1",
                "rope_theta | ''",
                "rope_theta | 1 2",
                "rope_theta | {",
                "rms_norm_eps | 0",
                "rms_norm_eps | true",
                "max_position_embeddings | 1.5",
                "max_position_embeddings | 0"
            })
    void badOverridesAreRefused(String key, String value) {
        write(json -> {});
        refused(() -> ConfigFile.read(folder, Map.of(key, value)), key);
    }

    @Test
    void aMissingFileIsNamed() {
        refused(() -> ConfigFile.read(folder, Map.of()), file, "file not found", "config.json");
    }

    @Test
    void openNamesTheMissingConfig() throws IOException {
        for (String name : List.of("tokenizer_config.json", "model.safetensors")) {
            Files.copy(Golden.folder("utf8-bf16").resolve(name), folder.resolve(name));
        }
        refused(() -> ByBert.open(folder), file, "file not found");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "  ", "{", "[]", "null", "{} {}", "{\"a\":1,\"a\":2}", "{\"a\":1,}", "model_type: llama_enc"
            })
    void anythingButOneJsonObjectIsRefused(String json) throws IOException {
        Files.writeString(file, json);
        refused(() -> ConfigFile.read(folder, Map.of()), file, "JSON");
    }

    @ParameterizedTest
    @CsvSource({
        "bert, BertForMaskedLM",
        "llama, LlamaForCausalLM",
        "modernbert, ModernBertForMaskedLM",
        "llama_enc, LlamaEncForSequenceClassification"
    })
    void anotherArchitectureIsNamed(String type, String architecture) {
        write(json -> json.put("model_type", type).putArray("architectures").add(architecture));
        refused(
                () -> ConfigFile.read(folder, Map.of()),
                file,
                "llama_enc",
                "LlamaEncForMaskedLM",
                "found model_type \"" + type + '"',
                architecture);
    }

    @Test
    void noArchitectureAtAllIsRefused() {
        write(json -> json.removeAll());
        refused(() -> ConfigFile.read(folder, Map.of()), file, "expected model_type llama_enc");
    }

    static Stream<Arguments> badWholeNumbers() {
        List<String> keys = Stream.concat(REQUIRED.stream(), Stream.of("num_key_value_heads", "head_dim"))
                .toList();
        return keys.stream()
                .flatMap(key -> Stream.of(
                                "0",
                                "-1",
                                "1.5",
                                "16.0",
                                "\"16\"",
                                "true",
                                "[]",
                                "{}",
                                "2147483648",
                                "18446744073709551616",
                                "1e2")
                        .map(value -> Arguments.of(key, value)));
    }

    @ParameterizedTest
    @MethodSource("badWholeNumbers")
    void aSizeThatIsNotAPositiveWholeNumberIsRefused(String key, String value) {
        write(json -> json.set(key, MAPPER.readTree(value)));
        refused(() -> ConfigFile.read(folder, Map.of()), file, key, "a positive whole number");
    }

    @Test
    void aMissingSizeIsNamed() {
        for (String key : REQUIRED) {
            write(json -> json.remove(key));
            refused(() -> ConfigFile.read(folder, Map.of()), file, key, "found nothing");
            write(json -> json.putNull(key));
            refused(() -> ConfigFile.read(folder, Map.of()), file, key, "found null");
        }
    }

    /** Sizes that no tensor has must not exhaust memory before the tensors are looked at. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "vocab_size",
                "hidden_size",
                "intermediate_size",
                "num_hidden_layers",
                "num_attention_heads",
                "num_key_value_heads",
                "head_dim"
            })
    void anAbsurdSizeIsRefusedByOpenAndCheck(String key) throws IOException {
        for (String name : List.of("tokenizer_config.json", "model.safetensors")) {
            Files.copy(Golden.folder("utf8-bf16").resolve(name), folder.resolve(name));
        }
        write(json -> json.put(key, 2_147_483_640));
        refused(() -> failingOutOfMemory(() -> ByBert.open(folder)));
        refused(() -> failingOutOfMemory(() -> ByBert.check(folder, Map.of())));
    }

    /** JUnit would take the error for the end of the JVM. */
    private static void failingOutOfMemory(Runnable code) {
        try {
            code.run();
        } catch (OutOfMemoryError e) {
            fail("memory exhausted: " + e.getMessage());
        }
    }

    static Stream<Arguments> badNumbers() {
        return Stream.of("rms_norm_eps", "rope_theta")
                .flatMap(key -> Stream.of("0", "-1e-6", "0.0", "\"1e-6\"", "true", "[]", "{}", "1e999")
                        .map(value -> Arguments.of(key, value)));
    }

    @ParameterizedTest
    @MethodSource("badNumbers")
    void aNumberThatIsNotPositiveIsRefused(String key, String value) {
        write(json -> json.set(key, MAPPER.readTree(value)));
        refused(() -> ConfigFile.read(folder, Map.of()), file, key, "a positive number");
    }

    /** In single precision these are 0 and infinity: not positive, or of no use. */
    @ParameterizedTest
    @ValueSource(strings = {"1e-60", "1e60"})
    void anEpsilonOutsideSinglePrecisionIsRefused(String value) {
        write(json -> json.set("rms_norm_eps", MAPPER.readTree(value)));
        refused(() -> ConfigFile.read(folder, Map.of()), file, "rms_norm_eps");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "\"500\"", "1e999"})
    void aBadRopeThetaInRopeParametersIsRefused(String value) {
        write(json -> {
            json.remove("rope_theta");
            json.putObject("rope_parameters").set("rope_theta", MAPPER.readTree(value));
        });
        refused(() -> ConfigFile.read(folder, Map.of()), file, "rope_theta", "a positive number");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tie_word_embeddings", "attention_bias", "mlp_bias"})
    void aFlagThatIsNoFlagIsRefused(String key) {
        for (String value : List.of("1", "\"true\"", "[]")) {
            write(json -> json.set(key, MAPPER.readTree(value)));
            refused(() -> ConfigFile.read(folder, Map.of()), file, key, "true or false", "found " + value);
        }
    }

    @Test
    void headsThatDoNotFitAreRefused() {
        write(json -> json.put("num_attention_heads", 5));
        refused(() -> ConfigFile.read(folder, Map.of()), file, "hidden_size", "a multiple of num_attention_heads (5)");
        write(json -> json.put("num_key_value_heads", 3));
        refused(() -> ConfigFile.read(folder, Map.of()), file, "num_key_value_heads", "(4)", "found 3");
        write(json -> json.put("num_key_value_heads", 8));
        refused(() -> ConfigFile.read(folder, Map.of()), file, "num_key_value_heads", "(4)", "found 8");
        write(json -> json.put("head_dim", 7));
        refused(() -> ConfigFile.read(folder, Map.of()), file, "head size", "even", "found 7");
    }

    @Test
    void variantsOfTheArchitectureAreRefusedNotIgnored() {
        refusedWith("hidden_act", json -> json.put("hidden_act", "gelu"));
        refusedWith(
                "rope_scaling",
                json -> json.putObject("rope_scaling").put("type", "linear").put("factor", 2));
        refusedWith("rope_scaling", json -> json.putObject("rope_scaling").put("rope_type", "yarn"));
        refusedWith("rope_parameters", json -> json.putObject("rope_parameters").put("rope_type", "llama3"));
        refusedWith("partial_rotary_factor", json -> json.put("partial_rotary_factor", 0.5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"rope_type\":\"default\",\"partial_rotary_factor\":0.5}", "{\"type\":\"linear\"}"})
    void variantsHiddenInRopeParametersAreRefusedNotIgnored(String parameters) {
        refusedWith("rope_parameters", json -> json.set("rope_parameters", MAPPER.readTree(parameters)));
    }

    @Test
    void defaultRotaryPositionsMayBeSpelledOut() {
        assertEquals(
                10000,
                read(json -> json.putObject("rope_scaling").put("rope_type", "default"))
                        .ropeTheta());
        assertEquals(
                10000,
                read(json -> json.put("hidden_act", "swish").put("partial_rotary_factor", 1))
                        .ropeTheta());
    }

    private void refusedWith(String key, Edit edit) {
        write(edit);
        refused(() -> ConfigFile.read(folder, Map.of()), file, key);
    }

    private ModelConfig read(Edit edit) {
        write(edit);
        return ConfigFile.read(folder, Map.of());
    }

    private void write(Edit edit) {
        EditedJson.write(folder, "config.json", edit);
    }

    /** A change of a JSON object, in which values may be given as JSON. */
    private interface Edit extends Consumer<ObjectNode> {

        void change(ObjectNode json) throws JsonProcessingException;

        @Override
        default void accept(ObjectNode json) {
            try {
                change(json);
            } catch (JsonProcessingException e) {
                throw new IllegalArgumentException(e);
            }
        }
    }
}
