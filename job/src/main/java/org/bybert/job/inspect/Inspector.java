package org.bybert.job.inspect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection;
import org.bybert.encoder.detect.Detector;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.job.inspect.Inspection.Memory;
import org.bybert.job.inspect.Inspection.Tensors;
import org.bybert.job.inspect.Inspection.Value;
import org.bybert.job.inspect.Inspection.WeightFile;
import org.bybert.udf.ModelReference;

/** Opens a model and looks at all of it. A tokenizer that cannot be had is reported, not an error. */
final class Inspector {

    private static final List<String> TOKENIZER_KEYS = List.of("byte_encoding", "added_tokens_decoder", "mask_token",
            "bos_token", "eos_token", "add_bos_token", "add_eos_token");
    private static final int SHORT_TEXT = 512;

    private final ModelReference reference;
    private final ModelFolder model;
    private final Settings tokenizer;
    private String tokenizerProblem;

    private Inspector(ModelReference reference) {
        this.reference = reference;
        this.model = ModelFolder.read(reference.path(), reference.options(), reference.preset());
        this.tokenizer = tokenizerSettings();
    }

    /**
     * @param detect whether to measure how the model was trained
     * @throws ModelException where the model cannot be opened for another reason than its tokenizer
     */
    static Inspection inspect(ModelReference reference, boolean detect) {
        return new Inspector(reference.resolve()).inspect(detect);
    }

    private Inspection inspect(boolean detect) {
        long before = PeakMemory.bytes().orElse(0);
        Transformer transformer = model.load(KernelChoice.kernels());
        Memory memory = memory(transformer, before, PeakMemory.bytes().orElse(0));
        Detection detection = null;
        String problem = detect ? null : "--no-detect";
        Detector detector = new Detector(transformer, tokenizer);
        long start = System.nanoTime();
        try {
            detection = detect ? detector.run(isOpen("rope_theta")) : null;
        } catch (ModelException e) {
            problem = e.getMessage();
        }
        return new Inspection(reference.model(), model.folder(), reference.fingerprint(), transformer.kernels().name(),
                model.preset(), config(), tensors(), tokenizerValues(), tokenizerProblem, memory, detection,
                detector.layoutIsInferred(), problem, (System.nanoTime() - start) / 1e9);
    }

    private boolean isOpen(String key) {
        return model.configSettings().origin(key).equals(Settings.DEFAULT);
    }

    private Settings tokenizerSettings() {
        Settings settings;
        try {
            settings = model.tokenizerSettings();
        } catch (ModelException e) {
            Path file = model.folder().resolve("tokenizer_config.json");
            if (Files.exists(file)) {
                throw e;
            }
            tokenizerProblem = e.getMessage();
            return new Settings(file, JsonNodeFactory.instance.objectNode())
                    .replace(reference.options(), ByteTokenizer.OVERRIDABLE);
        }
        try {
            ByteTokenizer.read(settings, model.config().vocabSize());
        } catch (ModelException e) {
            tokenizerProblem = e.getMessage();
        }
        return settings;
    }

    private List<Value> config() {
        ModelConfig config = model.config();
        ObjectNode values = JsonNodeFactory.instance.objectNode()
                .put("num_hidden_layers", config.layers())
                .put("hidden_size", config.hiddenSize())
                .put("intermediate_size", config.intermediateSize())
                .put("num_attention_heads", config.attentionHeads())
                .put("num_key_value_heads", config.keyValueHeads())
                .put("head_dim", config.headSize())
                .put("vocab_size", config.vocabSize())
                .put("rope_theta", config.ropeTheta())
                // Through text, as the nearest double of a float has digits that nobody wrote.
                .put("rms_norm_eps", Double.parseDouble(Float.toString(config.rmsNormEpsilon())))
                .put("max_position_embeddings", config.maxPositionEmbeddings())
                .put("tie_word_embeddings", config.tiedEmbeddings())
                .put("attention_bias", config.attentionBias())
                .put("mlp_bias", config.mlpBias());
        return values.properties().stream()
                .map(entry -> new Value(entry.getKey(), entry.getValue(), model.configSettings().origin(entry.getKey())))
                .toList();
    }

    private List<Value> tokenizerValues() {
        List<Value> values = new ArrayList<>();
        for (String key : TOKENIZER_KEYS) {
            JsonNode value = tokenizer.values().path(key);
            boolean given = tokenizer.values().hasNonNull(key);
            values.add(new Value(key, given ? value : null, given ? tokenizer.origin(key) : "given nowhere"));
        }
        return values;
    }

    private Tensors tensors() {
        Checkpoint checkpoint = model.checkpoint();
        Map<Path, Integer> counts = new LinkedHashMap<>();
        checkpoint.tensors().forEach(tensor -> counts.merge(tensor.file(), 1, Integer::sum));
        List<WeightFile> files = counts.entrySet().stream()
                .map(entry -> new WeightFile(entry.getKey().getFileName().toString(), size(entry.getKey()),
                        entry.getValue())).toList();
        return new Tensors(checkpoint.parameters(), checkpoint.dtypes().stream().map(Dtype::name).toList(), files,
                files.stream().mapToLong(WeightFile::bytes).sum(), checkpoint.hasQueryKeyValueBias(),
                checkpoint.unused());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new ModelException(file + ": cannot be read: " + e, e);
        }
    }

    private Memory memory(Transformer transformer, long before, long peak) {
        ModelConfig config = model.config();
        long embeddings = (long) config.vocabSize() * config.hiddenSize();
        long matrices = model.checkpoint().tensors().stream().filter(tensor -> tensor.shape().size() == 2)
                .mapToLong(TensorInfo::elements).sum() - (config.tiedEmbeddings() ? 0 : embeddings);
        long others = model.checkpoint().tensors().stream().mapToLong(TensorInfo::elements).sum() - matrices
                + (config.tiedEmbeddings() ? embeddings : 0);
        int longText = config.maxPositionEmbeddings();
        return new Memory(4 * (matrices + others), 2 * matrices + 4 * others,
                model.weights() == WeightFormat.F32 ? "F32" : "BF16", SHORT_TEXT,
                transformer.workspaceBytes(SHORT_TEXT), longText, transformer.workspaceBytes(longText), before, peak);
    }
}
