package org.bybert.job.inspect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;
import org.bybert.encoder.checkpoint.Settings;
import org.bybert.encoder.detect.Detection;
import org.bybert.encoder.detect.Detector;
import org.bybert.encoder.detect.Measured;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.Transformer;
import org.bybert.job.inspect.Inspection.Finding;
import org.bybert.job.inspect.Inspection.Measurement;
import org.bybert.job.inspect.Inspection.Memory;
import org.bybert.job.inspect.Inspection.Published;
import org.bybert.job.inspect.Inspection.Value;
import org.bybert.job.inspect.Inspection.WeightFile;
import org.bybert.job.inspect.Inspection.Weights;
import org.bybert.job.inspect.Inspection.Workspace;
import org.bybert.job.terminal.SmallFile;
import org.bybert.udf.ModelReference;

/** Opens a model and looks at all of it. A tokenizer that cannot be had is reported, not an error. */
public final class Inspector {

    private static final List<String> TOKENIZER_KEYS = List.of(
            "byte_encoding",
            "byte_offset",
            "added_tokens_decoder",
            "mask_token",
            "bos_token",
            "eos_token",
            "add_bos_token",
            "add_eos_token");
    private static final int SHORT_TEXT = 512;
    private static final Path STATUS = Path.of("/proc/self/status");

    private final ModelReference reference;
    private final ModelFolder model;
    private final Settings tokenizer;
    private final List<String> open;

    /** @throws ModelException where the model cannot be opened for another reason than its tokenizer */
    Inspector(ModelReference reference) {
        this.reference = reference.withoutDetection().resolve();
        this.model = ModelFolder.read(this.reference.path(), reference.options(), this.reference.preset());
        this.tokenizer = model.incompleteTokenizerSettings();
        this.open = Measured.open(model);
    }

    /** @param detect whether to measure how the model was trained */
    Inspection inspect(boolean detect) {
        long before = peakMemory();
        Transformer transformer = model.load(KernelChoice.kernels());
        long peak = peakMemory();
        Measurement detection = null;
        String problem = detect ? null : "--no-detect";
        try {
            detection = detect ? detection(transformer) : null;
        } catch (ModelException e) {
            problem = e.getMessage();
        }
        Weights weights = weights();
        ModelFolder opened = opened(detection);
        return new Inspection(
                reference.model(),
                model.folder().toString(),
                reference.fingerprint(),
                transformer.kernels().name(),
                config(),
                weights,
                published(weights.parameters()),
                looksLike(weights.parameters()),
                programs(),
                tokenizerValues(opened.incompleteTokenizerSettings(), detection),
                tokenizerProblem(opened),
                memory(transformer, weights, before, peak),
                detection,
                problem);
    }

    /**
     * Most bytes that this process has had resident since it started: heap, code, threads and mapped files together
     * ({@code VmHWM}, proc(5)); 0 where the operating system does not tell.
     */
    public static long peakMemory() {
        try (Stream<String> lines = Files.isReadable(STATUS) ? Files.lines(STATUS) : Stream.empty()) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    /** All settings of the tokenizer, declared or not; of config.json what nobody gives. */
    private Measurement detection(Transformer transformer) {
        long start = System.nanoTime();
        Set<String> measured = new LinkedHashSet<>(List.of(Detector.ENCODING, Detector.EOS, Detector.BOS));
        measured.addAll(open);
        Detector detector = new Detector(transformer, tokenizer);
        Detection detection = detector.run(measured, true);
        return new Measurement(
                detector.layoutIsInferred(),
                detection.options(open),
                (System.nanoTime() - start) / 1e9,
                detection.verdicts().stream()
                        .map(verdict -> new Finding(verdict, open.contains(verdict.setting())))
                        .toList());
    }

    /** As the model is opened with what was measured. */
    private ModelFolder opened(Measurement measured) {
        Map<String, String> options = new TreeMap<>(measured == null ? Map.of() : measured.options());
        options.putAll(reference.options());
        return ModelFolder.read(reference.path(), options, reference.preset());
    }

    /** Why the tokenizer cannot be used; null where it can. */
    private static String tokenizerProblem(ModelFolder opened) {
        try {
            opened.tokenizer();
            return null;
        } catch (ModelException e) {
            return e.getMessage();
        }
    }

    private Map<String, Value> config() {
        ObjectNode values = SmallFile.MAPPER.valueToTree(model.config());
        Map<String, Value> result = new LinkedHashMap<>();
        values.properties()
                .forEach(entry -> result.put(
                        entry.getKey(),
                        new Value(entry.getValue(), model.configSettings().origin(entry.getKey()))));
        return result;
    }

    private Map<String, Value> tokenizerValues(Settings opened, Measurement measured) {
        Map<String, Value> result = new LinkedHashMap<>();
        TOKENIZER_KEYS.forEach(key -> result.put(
                key,
                opened.values().hasNonNull(key)
                        ? new Value(
                                opened.values().get(key),
                                measured != null && measured.options().containsKey(key)
                                        ? "measured" + (measured.isDecided(key) ? "" : ", undecided")
                                        : tokenizer.origin(key))
                        : new Value(null, "given nowhere")));
        return result;
    }

    private String looksLike(long parameters) {
        if (!model.preset().isNone()) {
            return null;
        }
        Presets presets = Presets.installed();
        List<String> same = presets.names().stream()
                .filter(name -> {
                    Preset preset = presets.of(name);
                    ModelConfig shape = preset.config();
                    ModelConfig found = model.config();
                    return preset.parameters() == parameters
                            && shape.hiddenSize() == found.hiddenSize()
                            && shape.layers() == found.layers()
                            && shape.intermediateSize() == found.intermediateSize();
                })
                .toList();
        return same.size() == 1 ? same.get(0) : null;
    }

    /** Programs that the folder holds beside the model: they are never run. */
    private List<String> programs() {
        try (Stream<Path> files = Files.list(model.folder())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".py"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private Published published(long found) {
        Preset preset = model.preset();
        return preset.isNone()
                ? null
                : new Published(
                        preset.id(),
                        preset.hubId(),
                        preset.parameters(),
                        preset.parameters() == found,
                        preset.trainingLength());
    }

    private Weights weights() {
        Checkpoint checkpoint = model.checkpoint();
        Map<Path, Integer> counts = new LinkedHashMap<>();
        checkpoint.tensors().values().forEach(tensor -> counts.merge(tensor.file(), 1, Integer::sum));
        return new Weights(
                checkpoint.parameters(),
                checkpoint.dtypes().stream().map(Dtype::name).toList(),
                counts.entrySet().stream()
                        .map(entry -> new WeightFile(
                                entry.getKey().getFileName().toString(),
                                entry.getKey().toFile().length(),
                                entry.getValue()))
                        .toList(),
                checkpoint.hasQueryKeyValueBias(),
                checkpoint.unused());
    }

    private Memory memory(Transformer transformer, Weights weights, long before, long peak) {
        ModelConfig config = model.config();
        long embeddings = (long) config.vocabSize() * config.hiddenSize();
        long matrices = model.checkpoint().tensors().values().stream()
                        .filter(tensor -> tensor.shape().size() == 2)
                        .mapToLong(TensorInfo::elements)
                        .sum()
                - (config.tiedEmbeddings() ? 0 : embeddings);
        long others = model.checkpoint().tensors().values().stream()
                        .mapToLong(TensorInfo::elements)
                        .sum()
                - matrices
                + (config.tiedEmbeddings() ? embeddings : 0);
        long files = weights.files().stream().mapToLong(WeightFile::bytes).sum();
        return new Memory(
                model.weights().name(),
                4 * (matrices + others),
                2 * matrices + 4 * others,
                Stream.of(SHORT_TEXT, config.maxPositionEmbeddings())
                        .map(tokens -> new Workspace(tokens, transformer.workspaceBytes(tokens)))
                        .toList(),
                peak == 0 ? null : before,
                peak == 0 ? null : peak,
                peak == 0 ? null : peak - files);
    }
}
