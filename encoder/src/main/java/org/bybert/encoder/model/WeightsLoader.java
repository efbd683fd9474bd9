package org.bybert.encoder.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Tensor;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.PackedMatrix;

/**
 * Reads the tensors of a Llama-style encoder by their Hugging Face names and packs them for the kernels. A bias is
 * applied wherever the checkpoint holds one; where config.json demands one it must be there.
 */
final class WeightsLoader {

    private static final String EMBEDDINGS = "model.embed_tokens.weight";

    private final ModelConfig config;
    private final WeightSource checkpoint;

    WeightsLoader(ModelConfig config, WeightSource checkpoint) {
        this.config = config;
        this.checkpoint = checkpoint;
    }

    Weights load(Kernels kernels) {
        Packer packer = parts -> pack(kernels, parts);
        List<Layer> layers = new ArrayList<>();
        for (int n = 0; n < config.layers(); n++) {
            layers.add(layer(n, packer));
        }
        float[] embeddings = checkpoint.map(EMBEDDINGS, config.vocabSize(), config.hiddenSize()).toArray();
        Weights weights = new Weights(embeddings, layers, vector("model.norm.weight", config.hiddenSize()),
                packer.pack(List.of(head())));
        checkpoint.warnAboutUnused();
        return weights;
    }

    /** Checks names, shapes and dtypes of all tensors without reading a weight. */
    void check() {
        for (int n = 0; n < config.layers(); n++) {
            layer(n, parts -> null);
        }
        checkpoint.map(EMBEDDINGS, config.vocabSize(), config.hiddenSize());
        vector("model.norm.weight", config.hiddenSize());
        head();
    }

    private Layer layer(int n, Packer packer) {
        String attention = "model.layers." + n + ".self_attn.";
        String feedForward = "model.layers." + n + ".mlp.";
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        boolean attentionBias = config.attentionBias();
        boolean mlpBias = config.mlpBias();
        return new Layer(
                vector("model.layers." + n + ".input_layernorm.weight", hidden),
                packer.pack(List.of(
                        part(attention + "q_proj", config.querySize(), hidden, attentionBias),
                        part(attention + "k_proj", config.keyValueSize(), hidden, attentionBias),
                        part(attention + "v_proj", config.keyValueSize(), hidden, attentionBias))),
                packer.pack(List.of(part(attention + "o_proj", hidden, config.querySize(), attentionBias))),
                vector("model.layers." + n + ".post_attention_layernorm.weight", hidden),
                packer.pack(List.of(
                        part(feedForward + "gate_proj", intermediate, hidden, mlpBias),
                        part(feedForward + "up_proj", intermediate, hidden, mlpBias))),
                packer.pack(List.of(part(feedForward + "down_proj", hidden, intermediate, mlpBias))));
    }

    private Part head() {
        if (config.tiedEmbeddings()) {
            return new Part(checkpoint.map(EMBEDDINGS, config.vocabSize(), config.hiddenSize()),
                    bias("lm_head", config.vocabSize(), false));
        }
        return part("lm_head", config.vocabSize(), config.hiddenSize(), false);
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

    private static PackedMatrix pack(Kernels kernels, List<Part> parts) {
        int outputs = parts.stream().mapToInt(part -> part.weight().rows()).sum();
        int inputs = parts.get(0).weight().columns();
        float[] bias = parts.stream().allMatch(part -> part.bias() == null) ? null : new float[outputs];
        int first = 0;
        for (Part part : parts) {
            if (part.bias() != null) {
                System.arraycopy(part.bias(), 0, bias, first, part.bias().length);
            }
            first += part.weight().rows();
        }
        return PackedMatrix.of(kernels.panelWidths(), outputs, inputs, bias, (output, out, at) -> {
            int row = output;
            for (Part part : parts) {
                if (row < part.weight().rows()) {
                    part.weight().readRow(row, out, at);
                    return;
                }
                row -= part.weight().rows();
            }
            throw new IndexOutOfBoundsException(output + " of " + Arrays.toString(parts.toArray()));
        });
    }

    /** One of the matrices that are multiplied as one. */
    private record Part(Tensor weight, float[] bias) {
    }

    private interface Packer {
        PackedMatrix pack(List<Part> parts);
    }
}
