package org.bybert.encoder.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;
import org.bybert.encoder.error.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tensors of a model folder: {@code model.safetensors}, or shards named by {@code model.safetensors.index.json}.
 *
 * @param tensors by name
 * @param unused  names of the tensors that nothing has asked for so far
 */
public record Checkpoint(Path folder, Map<String, TensorInfo> tensors, Set<String> unused) implements WeightSource {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    /** Rotary frequencies, which older files hold. */
    private static final String NOT_LEARNT = ".rotary_emb.inv_freq";

    private Checkpoint(Path folder, Map<String, TensorInfo> tensors) {
        this(folder, tensors, new LinkedHashSet<>(tensors.keySet()));
        unused.removeIf(name -> name.endsWith(NOT_LEARNT));
    }

    /**
     * Reads the headers of all shards; no file stays open.
     *
     * @throws ModelException where a file is missing, truncated or damaged
     */
    public static Checkpoint open(Path folder) {
        Path single = folder.resolve(SINGLE);
        if (Files.exists(single)) {
            return new Checkpoint(folder, Safetensors.readHeader(single));
        }
        Path index = folder.resolve(INDEX);
        if (!Files.exists(index)) {
            List<String> others = otherWeights(folder);
            throw new ModelException(folder + ": no weights: expected " + SINGLE + " or " + INDEX
                    + (others.isEmpty()
                            ? ""
                            : ", found " + String.join(", ", others)
                                    + (others.stream().allMatch(name -> name.contains("safetensors"))
                                            ? ""
                                            : "; convert it to safetensors first")));
        }
        return new Checkpoint(folder, readShards(folder, index));
    }

    /** What looks like weights, of another kind or by another name. */
    private static List<String> otherWeights(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("(?i).*(safetensors|\\.(bin|pt|pth|ckpt|h5|msgpack|gguf|onnx)).*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Map<String, TensorInfo> readShards(Path folder, Path index) {
        Map<String, Map<String, TensorInfo>> shards = new LinkedHashMap<>();
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        weightMap(index).forEach((name, shard) -> {
            TensorInfo tensor = shards.computeIfAbsent(shard, s -> Safetensors.readHeader(folder.resolve(s)))
                    .get(name);
            if (tensor == null) {
                throw new ModelException(folder.resolve(shard) + ": tensor " + name + ": expected here by " + INDEX
                        + ", not found in this shard");
            }
            tensors.put(name, tensor);
        });
        return tensors;
    }

    /** From the name of a tensor to that of its file, which is in the folder of the index. */
    static Map<String, String> weightMap(Path index) {
        JsonNode weightMap = Json.readObject(index).path("weight_map");
        if (!weightMap.isObject() || weightMap.isEmpty()) {
            throw new ModelException(index + ": expected an object weight_map that names each tensor's file");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        for (var entry : weightMap.properties()) {
            String shard = entry.getValue().asText();
            if (!shard.matches("[^/\\\\\\x00]+") || shard.equals("..")) {
                throw new ModelException(index + ": tensor " + entry.getKey()
                        + ": expected the name of a file in the same folder, found " + entry.getValue());
            }
            shards.put(entry.getKey(), shard);
        }
        return shards;
    }

    /** Number of parameters: of the elements of all tensors but those that no model learns. */
    public long parameters() {
        return tensors.values().stream()
                .filter(tensor -> !tensor.name().endsWith(NOT_LEARNT))
                .mapToLong(TensorInfo::elements)
                .sum();
    }

    /** Whether any Q, K or V projection has a bias. */
    public boolean hasQueryKeyValueBias() {
        return tensors.keySet().stream().anyMatch(WeightSource::isQueryKeyValueBias);
    }

    /** Warns where the tensors are not those that the preset speaks of; they are used as they are. */
    public void compareWith(Preset preset) {
        boolean bias = hasQueryKeyValueBias();
        if (!preset.isNone() && bias != preset.queryKeyValueBias()) {
            LOG.warn(
                    "{}: the Q, K and V projections have {} bias, by preset {} they have {}; the checkpoint's tensors "
                            + "are used",
                    folder,
                    bias ? "a" : "no",
                    preset.id(),
                    bias ? "none" : "one");
        }
    }

    @Override
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /** Checks that the tensor is there with this shape and a dtype that can be read. */
    @Override
    public Tensor map(String name, int... shape) {
        TensorInfo info = tensors.get(name);
        if (info == null) {
            throw new ModelException(folder + ": tensor " + name + ": missing: expected shape " + Arrays.toString(shape)
                    + "; the checkpoint holds " + tensors.size() + " other tensors");
        }
        unused.remove(name);
        if (!info.shape().equals(Arrays.stream(shape).asLongStream().boxed().toList())) {
            throw new ModelException(info.file() + ": tensor " + name + ": expected shape " + Arrays.toString(shape)
                    + " from config.json, found " + info.shape());
        }
        if (!info.dtype().isReadable()) {
            throw new ModelException(
                    info.file() + ": tensor " + name + ": expected dtype F32, F16 or BF16, found " + info.dtype());
        }
        return info.open(shape.length == 2 ? shape[0] : 1, shape[shape.length - 1]);
    }

    /** Element types of the tensors. */
    public Set<Dtype> dtypes() {
        return tensors.values().stream().map(TensorInfo::dtype).collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public void warnAboutUnused() {
        if (!unused.isEmpty()) {
            LOG.warn(
                    "{}: {} tensors of the checkpoint are not used by this architecture: {}",
                    folder,
                    unused.size(),
                    unused);
        }
    }
}
