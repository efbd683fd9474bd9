package org.bybert.encoder.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.ModelFiles;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.text.ByteTokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model folder whose files are read but for the tokenizer and the values of the weights.
 *
 * @param preset         fills what the files leave open, or {@link Preset#NONE}
 * @param configSettings of config.json
 * @param weights        how the matrices are to be held
 */
public record ModelFolder(
        Path folder,
        Map<String, String> overrides,
        Preset preset,
        Settings configSettings,
        ModelConfig config,
        Checkpoint checkpoint,
        WeightFormat weights) {

    /** Key of config.json by which a model with random weights gives itself away. */
    public static final String RANDOM = "bybert_random_weights";

    private static final Logger LOG = LoggerFactory.getLogger(ModelFolder.class);
    private static final String WEIGHTS = "weights";

    /**
     * @param overrides see {@link #overridable}
     * @param preset    null for the installed one that the folder leads to
     * @throws ModelException as {@link org.bybert.encoder.ByBert#open}, but for the tokenizer
     */
    public static ModelFolder read(Path folder, Map<String, String> overrides, Preset preset) {
        if (!Files.isDirectory(folder)) {
            throw new ModelException(
                    folder.toAbsolutePath() + ": model folder not found on host " + ModelException.host());
        }
        List<String> unknown = new ArrayList<>(overrides.keySet());
        unknown.removeAll(overridable());
        if (!unknown.isEmpty()) {
            throw new ModelException("model options: expected " + overridable() + ", found " + unknown);
        }
        Path file = folder.resolve(ModelFiles.CONFIG);
        ObjectNode json = Json.readObject(file);
        Preset chosen = preset == null ? Presets.installed().forFolder(folder, json) : preset;
        Settings settings = ModelConfig.settings(file, json, overrides, chosen);
        ModelConfig config = ModelConfig.read(settings);
        Checkpoint checkpoint = Checkpoint.open(folder);
        checkpoint.compareWith(chosen);
        if (config.tiedEmbeddings() && !overrides.containsKey("tie_word_embeddings")) {
            Weights.checkTiedHead(config, checkpoint);
        }
        if (json.hasNonNull("dtype")
                && json.hasNonNull("torch_dtype")
                && !json.get("dtype").equals(json.get("torch_dtype"))) {
            LOG.warn(
                    "{}: torch_dtype is {}, dtype is {}; neither is used: the weights are {}",
                    file,
                    json.get("torch_dtype"),
                    json.get("dtype"),
                    checkpoint.dtypes());
        }
        String weights = overrides.get(WEIGHTS);
        return new ModelFolder(
                folder,
                overrides,
                chosen,
                settings,
                config,
                checkpoint,
                weights == null ? WeightFormat.of(checkpoint.dtypes()) : WeightFormat.named(weights));
    }

    /** Keys that overrides may hold. */
    public static List<String> overridable() {
        return Stream.of(ModelConfig.OVERRIDABLE, ByteTokenizer.OVERRIDABLE, List.of(WEIGHTS))
                .flatMap(List::stream)
                .toList();
    }

    /**
     * Reads the weights and warms this JVM's kernels up, see {@link WarmUp}.
     *
     * @throws ModelException where the checkpoint does not fit the configuration
     */
    public Transformer load(Kernels kernels) {
        JsonNode random = configSettings.values().path(RANDOM).path("seed");
        if (!random.isMissingNode()) {
            LOG.warn("{}: random weights (seed {}), not a trained model: its answers mean nothing", folder, random);
        }
        // The JIT compiler works on what the first half started while the weights are read.
        WarmUp.run(kernels, weights);
        Transformer transformer = Transformer.load(config, checkpoint, kernels, weights);
        WarmUp.run(kernels, weights);
        return transformer;
    }

    /** @throws ModelException where there is neither a tokenizer_config.json nor a preset */
    public Settings tokenizerSettings() {
        return ByteTokenizer.settings(folder, overrides, preset, configSettings);
    }

    /** As {@link #tokenizerSettings}, whatever is missing. */
    public Settings incompleteTokenizerSettings() {
        return ByteTokenizer.incompleteSettings(folder, overrides, preset, configSettings);
    }

    /** @throws ModelException where the files do not describe a byte tokenizer of the model's size */
    public ByteTokenizer tokenizer() {
        ByteTokenizer tokenizer = ByteTokenizer.read(tokenizerSettings(), config.vocabSize());
        tokenizer.compareWith(configSettings);
        return tokenizer;
    }
}
