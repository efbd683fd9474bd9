package org.bybert.job.bench.peers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource;

/**
 * The encoder as an ONNX graph, in the form that ONNX Runtime runs fastest: everything but attention on flat
 * {@code [tokens, hidden]}, the sum with the residual stream and the norm after it as one node, keys beyond a row's
 * length skipped by attention itself.
 *
 * <p>Inputs: {@code ids [batch, length]} and {@code lengths [batch]}; output: {@code logits [batch · length, vocab]}.
 */
final class EncoderGraph {

    private final ModelConfig config;
    private final WeightSource source;
    private final Projection projection;
    private final OnnxFile file;

    private EncoderGraph(ModelConfig config, WeightSource source, Projection projection, OnnxFile file) {
        this.config = config;
        this.source = source;
        this.projection = projection;
        this.file = file;
    }

    /** @param projection how the graph multiplies by weights */
    static void write(ModelConfig config, WeightSource source, Projection projection, Path path) throws IOException {
        try (OnnxFile file = new OnnxFile(path)) {
            new EncoderGraph(config, source, projection, file).write();
        }
    }

    private void write() throws IOException {
        int hidden = config.hiddenSize();
        file.input("ids", OnnxFile.INT64, "batch", "length");
        file.input("lengths", OnnxFile.INT64, "batch");
        file.output("logits", OnnxFile.FLOAT, "tokens", config.vocabSize());
        shapes();
        angles();
        matrix("embeddings", "model.embed_tokens.weight", config.vocabSize(), hidden);
        file.node("", "Reshape", List.of("ids", file.numbers("flat", -1)), List.of("flat_ids"), Map.of());
        String stream =
                file.node("", "Gather", List.of("embeddings", "flat_ids"), List.of("embedded"), Map.of("axis", 0L));
        String normed = file.node(
                "",
                "SimplifiedLayerNormalization",
                List.of(stream, norm("model.layers.0.input_layernorm.weight")),
                List.of("normed"),
                Map.of("axis", -1L, "epsilon", config.rmsNormEpsilon(), "stash_type", 1L));
        for (int n = 0; n < config.layers(); n++) {
            String layer = "model.layers." + n + '.';
            String attended = attention(layer, normed);
            String middle = layer + "stream";
            normed = addAndNorm(attended, stream, layer + "post_attention_layernorm.weight", middle);
            String fed = feedForward(layer, normed);
            String next = n + 1 < config.layers()
                    ? "model.layers." + (n + 1) + ".input_layernorm.weight"
                    : "model.norm.weight";
            stream = layer + "out";
            normed = addAndNorm(fed, middle, next, stream);
        }
        String head = config.tiedEmbeddings() ? "model.embed_tokens" : "lm_head";
        projection.add(file, Stack.of(source, hidden, new Stack.Part(head, config.vocabSize())), normed, "logits");
    }

    /** Shapes of queries, and of keys and values, as attention wants them; the flat shape of its result. */
    private void shapes() {
        file.node("", "Shape", List.of("ids"), List.of("ids_shape"), Map.of());
        for (var width : Map.of("query", config.querySize(), "key", config.keyValueSize())
                .entrySet()) {
            String name = width.getKey() + "_shape";
            file.node(
                    "",
                    "Concat",
                    List.of("ids_shape", file.numbers(width.getKey() + "_width", width.getValue())),
                    List.of(name),
                    Map.of("axis", 0L));
        }
        file.numbers("flat_query_shape", -1, config.querySize());
        file.numbers("qkv_widths", config.querySize(), config.keyValueSize(), config.keyValueSize());
        file.numbers("first_position", 0);
    }

    private void angles() throws IOException {
        int half = config.headSize() / 2;
        int positions = config.maxPositionEmbeddings();
        float[] cosines = new float[positions * half];
        float[] sines = new float[positions * half];
        for (int at = 0; at < cosines.length; at++) {
            double angle = at / half * StrictMath.pow(config.ropeTheta(), -2.0 * (at % half) / config.headSize());
            cosines[at] = (float) StrictMath.cos(angle);
            sines[at] = (float) StrictMath.sin(angle);
        }
        file.floats("cosines", cosines, positions, half);
        file.floats("sines", sines, positions, half);
    }

    private String attention(String layer, String normed) throws IOException {
        String name = layer + "self_attn.";
        // One product and a copy is faster than three products; for gate and up it is the other way round.
        String all = projection.add(
                file,
                Stack.of(
                        source,
                        config.hiddenSize(),
                        new Stack.Part(name + "q_proj", config.querySize()),
                        new Stack.Part(name + "k_proj", config.keyValueSize()),
                        new Stack.Part(name + "v_proj", config.keyValueSize())),
                normed,
                name + "qkv");
        file.node(
                "",
                "Split",
                List.of(all, "qkv_widths"),
                List.of(name + "q", name + "k", name + "v"),
                Map.of("axis", 1L));
        String query = rotated(name + "q", "query_shape", config.attentionHeads());
        String key = rotated(name + "k", "key_shape", config.keyValueHeads());
        String value = reshaped(name + "v", "key_shape");
        file.node(
                "",
                "Attention",
                List.of(query, key, value, "", "", "", "lengths"),
                List.of(name + "attended"),
                Map.of("q_num_heads", (long) config.attentionHeads(), "kv_num_heads", (long) config.keyValueHeads()));
        String flat = reshaped(name + "attended", "flat_query_shape");
        return project(name + "o_proj", flat, config.hiddenSize(), config.querySize());
    }

    private String project(String name, String input, int outputs, int inputs) throws IOException {
        return projection.add(file, Stack.of(source, inputs, new Stack.Part(name, outputs)), input, name + ".out");
    }

    private String reshaped(String input, String shape) {
        return file.node("", "Reshape", List.of(input, shape), List.of(input + ".reshaped"), Map.of());
    }

    private String rotated(String input, String shape, int heads) {
        return file.node(
                OnnxFile.MICROSOFT,
                "RotaryEmbedding",
                List.of(reshaped(input, shape), "first_position", "cosines", "sines"),
                List.of(input + ".rotated"),
                Map.of("interleaved", 0L, "num_heads", (long) heads));
    }

    private String feedForward(String layer, String normed) throws IOException {
        String name = layer + "mlp.";
        int intermediate = config.intermediateSize();
        String gate = project(name + "gate_proj", normed, intermediate, config.hiddenSize());
        String up = project(name + "up_proj", normed, intermediate, config.hiddenSize());
        // SiLU: x · sigmoid(alpha · x).
        String silu =
                file.node(OnnxFile.MICROSOFT, "QuickGelu", List.of(gate), List.of(name + "silu"), Map.of("alpha", 1f));
        String product = file.node("", "Mul", List.of(silu, up), List.of(name + "product"), Map.of());
        return project(name + "down_proj", product, config.hiddenSize(), intermediate);
    }

    private String addAndNorm(String input, String stream, String weight, String sum) throws IOException {
        return file.node(
                OnnxFile.MICROSOFT,
                "SkipSimplifiedLayerNormalization",
                List.of(input, stream, norm(weight)),
                List.of(sum + ".normed", "", "", sum),
                Map.of("epsilon", config.rmsNormEpsilon()));
    }

    private String norm(String name) throws IOException {
        return file.floats(name, source.map(name, config.hiddenSize()).toArray(), config.hiddenSize());
    }

    private void matrix(String name, String tensor, int rows, int columns) throws IOException {
        file.floats(name, source.map(tensor, rows, columns).toArray(), rows, columns);
    }
}
