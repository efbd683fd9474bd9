package org.bybert.encoder.checkpoint;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.EditedJson;
import org.bybert.encoder.Golden;
import org.bybert.encoder.model.TensorShapes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresetsTest {

    private static final Path FOLDER = Path.of("../conf/models");

    @TempDir
    Path folder;

    @Test
    void theJarHoldsWhatTheFolderHolds() {
        assertEquals(new Presets(FOLDER).names(), Presets.packed().names());
        for (String name : Presets.packed().names()) {
            assertEquals(new Presets(FOLDER).of(name), Presets.packed().of(name));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bybert-jp-100m, 106629888, 3072, false, utf-8",
        "bybert-jp-200m, 205089792, 3072, false, utf-8",
        "bybert-jp-400m, 396989440, 3072, false, utf-8",
        "bybert-jp-v2-100m, 113726208, 4096, true, mixed-radix"
    })
    void whatIsKnown(String name, long parameters, int length, boolean bias, String encoding) {
        Preset preset = Presets.packed().of(name);
        assertEquals("tohoku-nlp/" + name, preset.hubId());
        assertEquals(parameters, preset.parameters());
        assertEquals(parameters, TensorShapes.parameters(TensorShapes.of(preset.config(), preset.queryKeyValueBias())));
        assertEquals(length, preset.trainingLength());
        assertEquals(bias, preset.queryKeyValueBias());
        assertEquals(
                encoding, preset.tokenizerJson().get("byte_encoding").value().asText());
        for (String key : List.of("rope_theta", "rms_norm_eps", "max_position_embeddings")) {
            assertFalse(preset.configJson().get(key).isKnown(), key);
        }
        assertFalse(preset.tokenizerJson().get("add_eos_token").isKnown());
    }

    @ParameterizedTest
    @CsvSource({
        "bybert-jp-100m, 8, 58.0, 26.3",
        "bybert-jp-200m, 8, 60.5, 33.0",
        "bybert-jp-400m, 8, 67.4, 38.5",
        "bybert-jp-v2-100m, 2, 63.4, 40.5"
    })
    void whatIsPublished(String name, int figures, String ichikara, String wiki) {
        Preset preset = Presets.packed().of(name);
        assertEquals(figures, preset.accuracies().size());
        assertEquals(ichikara, preset.accuracies().get("ichikara all word").json());
        assertEquals(wiki, preset.accuracies().get("wiki all word").json());
        assertTrue(preset.accuracies().values().stream().allMatch(Preset.Value::confirmed));
    }

    @Test
    void anUnknownNameListsThoseThereAre() {
        assertEquals(
                Presets.installed().of("bybert-jp-v2-100m"), Presets.installed().of("v2-100m"));
        refused(
                () -> Presets.packed().of("base"),
                "preset: expected one of bybert-jp-100m, bybert-jp-200m, "
                        + "bybert-jp-400m, bybert-jp-v2-100m, found \"base\"");
    }

    @Test
    void aFolderLeadsToItsPreset() throws IOException {
        Presets presets = Presets.packed();
        Path cached = folder.resolve("hub/models--tohoku-nlp--bybert-jp-200m/snapshots/0123");
        assertEquals("bybert-jp-200m", presets.forModel("some/model", cached).id());
        assertTrue(presets.forModel("some/model", folder.resolve("models--someone--bybert-jp-200m"))
                .isNone());
        assertTrue(presets.forModel("some/model", folder).isNone());
        Files.writeString(folder.resolve("config.json"), "{\"_name_or_path\": \"tohoku-nlp/bybert-jp-v2-100m\"}");
        assertEquals("bybert-jp-v2-100m", presets.forModel("some/model", folder).id());
        assertEquals(
                "bybert-jp-100m",
                presets.ofHubId("tohoku-nlp/bybert-jp-100m@main").id());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"parameters\": 7}",
                "{\"parameters\": {\"value\": 7}}",
                "{\"parameters\": {\"value\": 7, \"source\": \"card\", \"confirmed\": \"yes\"}}"
            })
    void aDamagedFileIsNamed(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("mine.json"), json);
        refused(() -> new Presets(folder).of("mine"), file, "parameters", "expected {\"value\"");
    }

    @Test
    void aPresetTravels() throws Exception {
        Preset preset = Presets.installed().of("100m");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(preset);
        }
        assertEquals(preset, new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject());
    }

    /** In a JVM of its own, as BYBERT_HOME is a variable of the environment. */
    @Test
    void aModelThatIsOpenedWithoutAPresetTakesTheInstalledOne() throws Exception {
        Path models = Files.createDirectories(folder.resolve("home/conf/models"));
        String known = ", \"source\": \"us\", \"confirmed\": true}";
        Files.writeString(
                models.resolve("ours.json"),
                "{\"hub_id\": \"us/ours\", \"parameters\": {\"value\": 1" + known
                        + ", \"training_length\": {\"value\": 9" + known
                        + ", \"query_key_value_bias\": {\"value\": false" + known
                        + ", \"config.json\": {\"rope_theta\": {\"value\": 30000" + known
                        + "}, \"tokenizer_config.json\": {}}");
        for (String file : List.of("tokenizer_config.json", "model.safetensors")) {
            Files.copy(Golden.folder("utf8-bf16").resolve(file), folder.resolve(file));
        }
        EditedJson.write(
                folder,
                "config.json",
                json -> json.put("_name_or_path", "us/ours").remove("rope_theta"));
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opened.class.getName(),
                        folder.toString())
                .redirectErrorStream(true);
        builder.environment().put("BYBERT_HOME", folder.resolve("home").toString());
        Process child = builder.start();
        String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, child.waitFor(), output);
        assertTrue(output.contains("checked 30000.0, opened 30000.0"), output);
    }

    /** A program that names no preset. */
    static final class Opened {
        public static void main(String[] arguments) {
            Path folder = Path.of(arguments[0]);
            System.out.println(
                    "checked " + ByBert.check(folder, Map.of()).config().ropeTheta() + ", opened "
                            + ByBert.open(folder).config().ropeTheta());
        }
    }
}
