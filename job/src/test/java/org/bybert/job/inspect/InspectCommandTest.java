package org.bybert.job.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.bybert.job.Commands;
import org.bybert.job.Commands.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Path MINI = Path.of(Commands.model());

    @TempDir
    Path folder;

    private static String inspect(String... options) {
        Result result = run(options);
        assertEquals(0, result.exit(), result.out());
        return result.out();
    }

    private static Result run(String... options) {
        String[] arguments = new String[options.length + 1];
        arguments[0] = "inspect";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return Commands.run(arguments);
    }

    private String copy(Consumer<ObjectNode> edit) throws IOException {
        ObjectNode config =
                (ObjectNode) MAPPER.readTree(MINI.resolve("config.json").toFile());
        edit.accept(config);
        MAPPER.writeValue(folder.resolve("config.json").toFile(), config);
        Files.copy(MINI.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        return folder.toString();
    }

    @Test
    void theBundledModelIsWhatItSays() throws IOException {
        JsonNode json = MAPPER.readTree(inspect("--model", MINI.toString(), "--format", "json"));
        assertEquals(2_902_272, json.at("/weights/parameters").asLong());
        assertEquals("[\"BF16\"]", json.at("/weights/dtypes").toString());
        assertEquals(
                Files.size(MINI.resolve("model.safetensors")),
                json.at("/weights/files/0/bytes").asLong());
        assertEquals("config.json", json.at("/config/rope_theta/origin").asText());
        assertEquals(
                "default of Hugging Face", json.at("/config/head_dim/origin").asText());
        assertEquals(4L * 2_902_272, json.at("/memory/weights_f32").asLong());
        assertTrue(json.at("/memory/weights_bf16").asLong() > 2L * 2_902_272);
        assertEquals(64, json.path("fingerprint").asText().length());
        JsonNode encoding = json.at("/detection/verdicts/0");
        assertEquals("utf-8", encoding.path("best").asText());
        assertTrue(encoding.path("decided").asBoolean());
        assertFalse(encoding.path("contradicts_configuration").asBoolean());
    }

    @Test
    void withoutATokenizerFileItIsMeasuredAndOpenedSo() throws IOException {
        String out = inspect("--model", copy(config -> {}));
        assertFalse(out.contains("cannot be used"), out);
        assertTrue(out.matches("(?s).*  byte_encoding +utf-8 +measured\\n.*"), out);
        assertTrue(out.matches("(?s).*  add_eos_token +true +measured\\n.*"), out);
        assertTrue(
                out.matches("(?s).*</s> \\(id 1\\) was read in training: its embedding is 2\\.767 .*26 spare ids.*"),
                out);
        String unmeasured = inspect("--model", folder.toString(), "--no-detect");
        assertTrue(
                unmeasured.contains("The model cannot be used like this: " + folder.resolve("tokenizer_config.json")
                        + ": file not found"),
                unmeasured);
        String opened = inspect(
                "--model",
                folder.toString(),
                "--no-detect",
                "--preset",
                "bybert-jp-100m",
                "--model-option",
                "byte_encoding=utf-8",
                "--model-option",
                "add_eos_token=true");
        assertFalse(opened.contains("cannot be used"), opened);
        assertTrue(opened.matches("(?s).*byte_encoding +utf-8 +command line.*"), opened);
        assertTrue(opened.matches("(?s).*mask_token +<mask> +preset bybert-jp-100m \\(inferred\\).*"), opened);
        assertTrue(opened.contains("but the preset has 106,629,888"), opened);
    }

    @Test
    void aWrongEncodingIsWarnedAbout() {
        String out = inspect("--model", MINI.toString(), "--model-option", "byte_encoding=bit-prefix");
        assertTrue(
                out.matches("(?s).*WARNING: the model is opened with byte_encoding=bit-prefix, which clearly loses, by "
                        + "[12][0-9]\\.[0-9]{2} ± [0-9.]+ nats/character. Use --model-option byte_encoding=utf-8.*"),
                out);
    }

    @Test
    void anUnknownPresetListsTheKnownOnes() {
        Result result = run("--model", MINI.toString(), "--preset", "base");
        assertEquals(2, result.exit());
        assertEquals(
                "bybert: --preset: expected one of bybert-jp-100m, bybert-jp-200m, bybert-jp-400m, "
                        + "bybert-jp-v2-100m, found \"base\"",
                result.out().strip());
    }

    @Test
    void aMissingTensorIsAnError() throws IOException {
        Result result = run("--model", copy(config -> config.put("num_hidden_layers", 5)), "--no-detect");
        assertEquals(1, result.exit());
        assertTrue(
                result.out().contains("tensor model.layers.4.input_layernorm.weight: missing: expected shape [256]"),
                result.out());
    }

    @Test
    void tensorsThatAreNotUsedAreNamed() throws IOException {
        String out = inspect("--model", copy(config -> config.put("num_hidden_layers", 3)), "--no-detect");
        assertTrue(out.matches("(?s).*not used +9 tensors: .*model.layers.3.mlp.up_proj.weight.*"), out);
    }

    @Test
    void programsOfACheckpointAreNamedAndNotRun() throws IOException {
        String model = copy(config -> {});
        Files.writeString(folder.resolve("tokenization_byte.py"), "raise SystemExit(1)");
        assertTrue(inspect("--model", model, "--no-detect").contains("not run                 tokenization_byte.py"));
    }

    @Test
    void theShapeOfAPublishedModelIsRecognised() {
        // As of bybert-jp-v2-100m in the name of nobody.
        Result made = Commands.run(
                "make-checkpoint",
                "--preset",
                "bybert-jp-v2-100m",
                "--seed",
                "1",
                "--dtype",
                "bf16",
                "--out",
                folder.resolve("made").toString());
        assertEquals(0, made.exit(), made.out());
        String out = inspect("--model", folder.resolve("made").toString(), "--no-detect");
        assertTrue(out.contains("none (looks like bybert-jp-v2-100m; --preset bybert-jp-v2-100m names it)"), out);
    }
}
