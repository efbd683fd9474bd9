package org.bybert.encoder.detect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection.Score;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.Transformer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectorTest {

    private static final Path MINI = Path.of(System.getProperty("bybert.data-samples"), "bybert-jp-mini");

    @TempDir
    Path folder;

    private static Detection detect(Map<String, String> options) {
        ModelFolder model = ModelFolder.read(MINI, options, Preset.NONE);
        return detect(model, model.tokenizerSettings());
    }

    private static Detection detect(ModelFolder model, Settings tokenizer) {
        Transformer transformer = transformer(model);
        return new Detector(transformer, tokenizer)
                .run(model.configSettings().origin("rope_theta").equals(Settings.DEFAULT));
    }

    private static Transformer transformer(ModelFolder model) {
        return Transformer.load(model.config(), model.checkpoint(), KernelChoice.kernels(), model.weights());
    }

    private static Verdict verdict(Detection detection, String setting) {
        return detection.verdicts().stream()
                .filter(v -> v.setting().equals(setting))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aTrainedModelIsRecognised() {
        Detection detection = detect(Map.of());
        Verdict encoding = verdict(detection, "byte_encoding");
        assertEquals("utf-8", encoding.best());
        assertTrue(encoding.decided(), encoding::toString);
        assertTrue(encoding.margin() > 5 && encoding.z() > 10, encoding::toString);
        assertFalse(encoding.contradictsConfiguration());
        assertEquals("utf-8", detection.scores().get(0).candidate().encoding());
        assertEquals(6, detection.scores().size());
        Verdict eos = verdict(detection, "add_eos_token");
        assertEquals("true", eos.best());
        assertTrue(eos.decided(), eos::toString);
    }

    @Test
    void aWrongConfigurationIsContradicted() {
        Verdict encoding = verdict(detect(Map.of("byte_encoding", "mixed-radix")), "byte_encoding");
        assertEquals("utf-8", encoding.best());
        assertEquals("mixed-radix", encoding.configured());
        assertTrue(encoding.contradictsConfiguration());
    }

    @Test
    void withoutATokenizerFileTheIdsAreInferred() {
        ModelFolder model = ModelFolder.read(MINI, Map.of(), Preset.NONE);
        Settings nothing = new Settings(folder.resolve("tokenizer_config.json"), new ObjectMapper().createObjectNode());
        assertTrue(new Detector(transformer(model), nothing).layoutIsInferred());
        Detection detection = detect(model, nothing);
        Verdict encoding = verdict(detection, "byte_encoding");
        assertEquals(
                List.of("utf-8", true, false),
                List.of(encoding.best(), encoding.decided(), encoding.contradictsConfiguration()));
        Score best = detect(Map.of()).scores().get(0);
        assertEquals(best.candidate(), detection.scores().get(0).candidate());
        assertArrayEquals(best.sentenceLosses(), detection.scores().get(0).sentenceLosses());
    }

    @Test
    void anOpenRopeThetaIsMeasured() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) mapper.readTree(MINI.resolve("config.json").toFile());
        config.remove("rope_theta");
        mapper.writeValue(folder.resolve("config.json").toFile(), config);
        Files.copy(MINI.resolve("tokenizer_config.json"), folder.resolve("tokenizer_config.json"));
        Files.copy(MINI.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        ModelFolder model = ModelFolder.read(folder, Map.of(), Preset.NONE);
        Detection detection = detect(model, model.tokenizerSettings());
        // Sentences are too short to tell 10,000 from its neighbours, but not from 1,000,000.
        Verdict theta = verdict(detection, "rope_theta");
        assertFalse(theta.decided());
        assertTrue(theta.possible().contains("10000"), theta::toString);
        assertFalse(theta.possible().contains("1000000"), theta::toString);
    }
}
