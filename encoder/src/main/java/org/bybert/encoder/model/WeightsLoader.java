package org.bybert.encoder.model;

import java.util.ArrayList;
import java.util.List;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Tensor;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.TileShape;

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

    Weights load(TileShape shape, WeightFormat format) {
        Packer packer = new WeightPacker(shape, format);
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
            layer(n, Packer.NONE);
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
                packer.interleave(
                        part(feedForward + "gate_proj", intermediate, hidden, mlpBias),
                        part(feedForward + "up_proj", intermediate, hidden, mlpBias)),
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

    /** One of the matrices that are multiplied as one; the bias may be null. */
    record Part(Tensor weight, float[] bias) {
    }

    /** What to do with the matrices once they are found. */
    interface Packer {

        /** Nothing: only the finding matters. */
        Packer NONE = new Packer() {
            @Override
            public PackedMatrix pack(List<Part> parts) {
                return null;
            }

            @Override
            public PackedMatrix interleave(Part gate, Part up) {
                return null;
            }
        };

        /** The outputs of all parts, one part after the other. */
        PackedMatrix pack(List<Part> parts);

        /** A weight group of the gate, then the same group of up, and so on. */
        PackedMatrix interleave(Part gate, Part up);
    }
}
