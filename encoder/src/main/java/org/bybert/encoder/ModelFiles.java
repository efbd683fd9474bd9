package org.bybert.encoder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.encoder.preset.Preset;
import org.bybert.encoder.preset.Presets;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * The files of a model, read but for the values of the weights.
 *
 * @param preset         fills what the files leave open, or {@link Preset#NONE}
 * @param configSettings of config.json
 * @param weights        how the matrices are to be held
 */
public record ModelFiles(Path folder, Map<String, String> overrides, Preset preset, Settings configSettings,
                         ModelConfig config, Checkpoint checkpoint, WeightFormat weights) {

    private static final String WEIGHTS = "weights";

    /**
     * @param overrides see {@link #overridable}
     * @param preset    null for the packed one that the folder leads to
     * @throws ModelException as {@link Encoder#open}, but for the tokenizer
     */
    public static ModelFiles read(Path folder, Map<String, String> overrides, Preset preset) {
        if (!Files.isDirectory(folder)) {
            throw new ModelException(folder.toAbsolutePath() + ": model folder not found on host " + Host.name());
        }
        List<String> unknown = new ArrayList<>(overrides.keySet());
        unknown.removeAll(overridable());
        if (!unknown.isEmpty()) {
            throw new ModelException("model options: expected " + overridable() + ", found " + unknown);
        }
        Preset chosen = preset == null ? Presets.packed().forFolder(folder) : preset;
        Settings settings = ModelConfig.settings(folder, overrides, chosen);
        ModelConfig config = ModelConfig.read(settings);
        Checkpoint checkpoint = Checkpoint.open(folder);
        checkpoint.compareWith(chosen);
        String weights = overrides.get(WEIGHTS);
        return new ModelFiles(folder, overrides, chosen, settings, config, checkpoint,
                weights == null ? WeightFormat.of(checkpoint.dtypes()) : WeightFormat.named(weights));
    }

    /** Keys that overrides may hold. */
    static List<String> overridable() {
        List<String> keys = new ArrayList<>(ModelConfig.OVERRIDABLE);
        keys.addAll(ByteTokenizer.overridable());
        keys.add(WEIGHTS);
        return keys;
    }

    /** @throws ModelException where there is neither a tokenizer_config.json nor a preset */
    public Settings tokenizerSettings() {
        return ByteTokenizer.settings(folder, overrides, preset);
    }

    /** @throws ModelException where the files do not describe a byte tokenizer of the model's size */
    public ByteTokenizer tokenizer() {
        return ByteTokenizer.read(tokenizerSettings(), config.vocabSize());
    }
}
