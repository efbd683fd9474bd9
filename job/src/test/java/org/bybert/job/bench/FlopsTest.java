package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.model.StageClock.Stage;
import org.bybert.encoder.model.TensorShapes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlopsTest {

    @ParameterizedTest
    @CsvSource({
        "bybert-jp-100m, 106629888",
        "bybert-jp-200m, 205089792",
        "bybert-jp-400m, 396989440",
        "bybert-jp-v2-100m, 113726208"
    })
    void presetsHaveTheParametersOfTheModels(String name, long parameters) {
        Preset preset = Presets.installed().of(name);
        assertEquals(name, preset.id());
        assertEquals(parameters, preset.parameters());
        assertEquals(parameters, TensorShapes.parameters(TensorShapes.of(preset.config(), preset.queryKeyValueBias())));
    }

    @Test
    void aTokenCostsTwiceTheParametersAndItsPartOfAttention() {
        ModelConfig config = Presets.installed().of("100m").config();
        long withoutEmbeddings = 106_629_888L - 288 * 768;
        assertEquals(512 * (2.0 * withoutEmbeddings + 4.0 * 512 * 768 * 12), ForwardPass.flops(config, 512));
        assertEquals(ForwardPass.flops(config, 8) + ForwardPass.flops(config, 200), ForwardPass.flops(config, 8, 200));
    }

    @Test
    void aTiedHeadIsMultipliedAsWell() {
        ModelConfig untied = Presets.installed().of("100m").config();
        ModelConfig tied = new ModelConfig(288, 768, 3072, 12, 12, 6, 64, 1e-6f, 1e4, 3072, true, false, false);
        assertEquals(ForwardPass.flops(untied, 100), ForwardPass.flops(tied, 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"100m", "200m", "400m", "v2-100m"})
    void theStagesAddUpToTheForwardPassWithoutItsNorms(String preset) {
        ModelConfig config = Presets.installed().of(preset).config();
        int[] lengths = {32, 128};
        double stages = 0;
        for (Stage stage : Stage.values()) {
            stages += EncoderBench.flops(stage, config, lengths);
        }
        double norms = 2.0 * (2 * config.layers() + 1) * config.hiddenSize() * (32 + 128);
        assertEquals(ForwardPass.flops(config, lengths), stages + norms, 1);
    }
}
