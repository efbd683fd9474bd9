package org.bybert.encoder.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.TileShape;

/**
 * All weights, read-only once loaded.
 *
 * @param embeddings {@code [vocab, hidden]}, row after row
 * @param finalNorm  {@code [hidden]}
 * @param head       {@code [vocab, hidden]}
 */
record Weights(float[] embeddings, List<Layer> layers, float[] finalNorm, PackedMatrix head) {

    /**
     * Weights of one transformer layer.
     *
     * @param attentionNorm  scale of the norm before attention, {@code [hidden]}
     * @param queryKeyValue  Q, K and V projections one after the other, {@code [query + 2 · keyValue, hidden]}
     * @param output         attention output projection, {@code [hidden, query]}
     * @param feedForwardNorm scale of the norm before the feed-forward part, {@code [hidden]}
     * @param gateUp         gate and up projections, a weight group of each in turn, {@code [2 · intermediate, hidden]}
     * @param down           down projection, {@code [hidden, intermediate]}
     */
    record Layer(
            float[] attentionNorm,
            PackedMatrix queryKeyValue,
            PackedMatrix output,
            float[] feedForwardNorm,
            PackedMatrix gateUp,
            PackedMatrix down) {}

    private static final String EMBEDDINGS = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head";

    static Weights load(ModelConfig config, WeightSource checkpoint, TileShape shape, WeightFormat format) {
        Weights weights = new Loader(config, checkpoint, shape, format == WeightFormat.BF16).find();
        checkpoint.warnAboutUnused();
        return weights;
    }

    /** Checks names, shapes and dtypes of all tensors without reading a matrix. */
    static void check(ModelConfig config, WeightSource checkpoint) {
        new Loader(config, checkpoint, null, false).find();
    }

    /**
     * For a head that is the embedding matrix by config.json: a checkpoint may hold it once more.
     *
     * @throws ModelException where what it holds has other values
     */
    static void checkTiedHead(ModelConfig config, Checkpoint checkpoint) {
        String name = HEAD + ".weight";
        if (!checkpoint.has(name)) {
            return;
        }
        Tensor head = checkpoint.map(name, config.vocabSize(), config.hiddenSize());
        Tensor embeddings = checkpoint.map(EMBEDDINGS, config.vocabSize(), config.hiddenSize());
        if (!Arrays.equals(head.toArray(), embeddings.toArray())) {
            throw new ModelException(checkpoint.tensors().get(name).file() + ": tensor " + name
                    + ": expected none or that of " + EMBEDDINGS
                    + ", since tie_word_embeddings is true in config.json, "
                    + "found other values; find out what the model was trained with and say so by the model option "
                    + "tie_word_embeddings=false (the tensor is used) or =true (it is not)");
        }
    }

    /**
     * Reads the tensors of a Llama-style encoder by their Hugging Face names and packs them for the kernels. A bias is
     * applied wherever the checkpoint holds one; where config.json demands one it must be there.
     *
     * @param shape null where the matrices are only looked for
     */
    private record Loader(ModelConfig config, WeightSource checkpoint, TileShape shape, boolean narrow) {

        /** One of the matrices that are multiplied as one; the bias may be null. */
        private record Part(Tensor weight, float[] bias) {}

        /** One output of a part. */
        private record Output(Part part, int row) {}

        Weights find() {
            Tensor embeddings = checkpoint.map(EMBEDDINGS, config.vocabSize(), config.hiddenSize());
            List<Layer> layers = new ArrayList<>();
            for (int n = 0; n < config.layers(); n++) {
                layers.add(layer("model.layers." + n + '.'));
            }
            float[] finalNorm = vector("model.norm.weight", config.hiddenSize());
            Part head = config.tiedEmbeddings()
                    ? new Part(embeddings, bias(HEAD, config.vocabSize(), false))
                    : part(HEAD, config.vocabSize(), config.hiddenSize(), false);
            return new Weights(shape == null ? null : embeddings.toArray(), layers, finalNorm, pack(head));
        }

        private Layer layer(String name) {
            int hidden = config.hiddenSize();
            int intermediate = config.intermediateSize();
            boolean attentionBias = config.attentionBias();
            boolean mlpBias = config.mlpBias();
            return new Layer(
                    vector(name + "input_layernorm.weight", hidden),
                    pack(
                            part(name + "self_attn.q_proj", config.querySize(), hidden, attentionBias),
                            part(name + "self_attn.k_proj", config.keyValueSize(), hidden, attentionBias),
                            part(name + "self_attn.v_proj", config.keyValueSize(), hidden, attentionBias)),
                    pack(part(name + "self_attn.o_proj", hidden, config.querySize(), attentionBias)),
                    vector(name + "post_attention_layernorm.weight", hidden),
                    interleave(
                            part(name + "mlp.gate_proj", intermediate, hidden, mlpBias),
                            part(name + "mlp.up_proj", intermediate, hidden, mlpBias)),
                    pack(part(name + "mlp.down_proj", hidden, intermediate, mlpBias)));
        }

        private Part part(String name, int outputs, int inputs, boolean biasDemanded) {
            return new Part(checkpoint.map(name + ".weight", outputs, inputs), bias(name, outputs, biasDemanded));
        }

        private float[] bias(String name, int outputs, boolean demanded) {
            return demanded || checkpoint.has(name + ".bias") ? vector(name + ".bias", outputs) : null;
        }

        private float[] vector(String name, int length) {
            return checkpoint.map(name, length).toArray();
        }

        /** The outputs of all parts, one part after the other. */
        private PackedMatrix pack(Part... parts) {
            return pack(
                    Stream.of(parts)
                            .flatMap(part ->
                                    IntStream.range(0, part.weight().rows()).mapToObj(row -> new Output(part, row)))
                            .toArray(Output[]::new),
                    parts[0].weight().columns());
        }

        /** A weight group of the gate, then the same group of up, and so on. */
        private PackedMatrix interleave(Part gate, Part up) {
            if (shape == null) {
                return null;
            }
            int width = shape.outputs();
            Output[] outputs = new Output[2 * shape.paddedOutputs(gate.weight().rows())];
            for (int i = 0; i < outputs.length; i++) {
                int row = i / (2 * width) * width + i % width;
                outputs[i] = row >= gate.weight().rows() ? null : new Output(i / width % 2 == 0 ? gate : up, row);
            }
            return pack(outputs, gate.weight().columns());
        }

        /** @param outputs null for one of zeros */
        private PackedMatrix pack(Output[] outputs, int inputs) {
            if (shape == null) {
                return null;
            }
            float[] bias = null;
            for (int i = 0; i < outputs.length; i++) {
                if (outputs[i] != null && outputs[i].part().bias() != null) {
                    bias = bias == null ? new float[outputs.length] : bias;
                    bias[i] = outputs[i].part().bias()[outputs[i].row()];
                }
            }
            return PackedMatrix.of(shape, outputs.length, inputs, bias, narrow, (row, i) -> {
                if (outputs[i] != null) {
                    outputs[i].part().weight().reader().read(outputs[i].row(), row, 0);
                }
            });
        }
    }
}
