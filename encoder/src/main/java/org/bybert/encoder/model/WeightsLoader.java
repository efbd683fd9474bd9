package org.bybert.encoder.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.TileShape;
import org.bybert.encoder.model.Weights.Layer;

/**
 * Reads the tensors of a Llama-style encoder by their Hugging Face names and packs them for the kernels. A bias is
 * applied wherever the checkpoint holds one; where config.json demands one it must be there.
 */
final class WeightsLoader {

    private final ModelConfig config;
    private final WeightSource checkpoint;
    /** Null where the matrices are only looked for. */
    private TileShape shape;
    private boolean narrow;

    WeightsLoader(ModelConfig config, WeightSource checkpoint) {
        this.config = config;
        this.checkpoint = checkpoint;
    }

    /** One of the matrices that are multiplied as one; the bias may be null. */
    private record Part(Tensor weight, float[] bias) {
    }

    Weights load(TileShape shape, WeightFormat format) {
        this.shape = shape;
        this.narrow = format == WeightFormat.BF16;
        Weights weights = find();
        checkpoint.warnAboutUnused();
        return weights;
    }

    /** Checks names, shapes and dtypes of all tensors without reading a matrix. */
    void check() {
        find();
    }

    private Weights find() {
        Tensor embeddings = checkpoint.map("model.embed_tokens.weight", config.vocabSize(), config.hiddenSize());
        List<Layer> layers = new ArrayList<>();
        for (int n = 0; n < config.layers(); n++) {
            layers.add(layer("model.layers." + n + '.'));
        }
        float[] finalNorm = vector("model.norm.weight", config.hiddenSize());
        Part head = config.tiedEmbeddings() ? new Part(embeddings, bias("lm_head", config.vocabSize(), false))
                : part("lm_head", config.vocabSize(), config.hiddenSize(), false);
        return new Weights(shape == null ? null : embeddings.toArray(), layers, finalNorm, pack(head));
    }

    private Layer layer(String name) {
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        boolean attentionBias = config.attentionBias();
        boolean mlpBias = config.mlpBias();
        return new Layer(
                vector(name + "input_layernorm.weight", hidden),
                pack(part(name + "self_attn.q_proj", config.querySize(), hidden, attentionBias),
                        part(name + "self_attn.k_proj", config.keyValueSize(), hidden, attentionBias),
                        part(name + "self_attn.v_proj", config.keyValueSize(), hidden, attentionBias)),
                pack(part(name + "self_attn.o_proj", hidden, config.querySize(), attentionBias)),
                vector(name + "post_attention_layernorm.weight", hidden),
                interleave(part(name + "mlp.gate_proj", intermediate, hidden, mlpBias),
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
        int outputs = Arrays.stream(parts).mapToInt(part -> part.weight().rows()).sum();
        Part[] owner = new Part[outputs];
        int[] row = new int[outputs];
        int next = 0;
        for (Part part : parts) {
            for (int r = 0; r < part.weight().rows(); r++, next++) {
                owner[next] = part;
                row[next] = r;
            }
        }
        return pack(owner, row, parts[0].weight().columns());
    }

    /** A weight group of the gate, then the same group of up, and so on. */
    private PackedMatrix interleave(Part gate, Part up) {
        if (shape == null) {
            return null;
        }
        int width = shape.outputs();
        int rows = gate.weight().rows();
        Part[] owner = new Part[2 * shape.paddedOutputs(rows)];
        int[] row = new int[owner.length];
        for (int output = 0; output < owner.length; output++) {
            row[output] = output / (2 * width) * width + output % width;
            owner[output] = row[output] >= rows ? null : output / width % 2 == 0 ? gate : up;
        }
        return pack(owner, row, gate.weight().columns());
    }

    /** @param owner for each output the matrix it is from, or null for an output of zeros */
    private PackedMatrix pack(Part[] owner, int[] row, int inputs) {
        if (shape == null) {
            return null;
        }
        float[] bias = null;
        for (int output = 0; output < owner.length; output++) {
            if (owner[output] != null && owner[output].bias() != null) {
                bias = bias == null ? new float[owner.length] : bias;
                bias[output] = owner[output].bias()[row[output]];
            }
        }
        return PackedMatrix.of(shape, owner.length, inputs, bias, narrow, (output, out, at) -> {
            if (owner[output] == null) {
                Arrays.fill(out, at, at + inputs, 0);
            } else {
                owner[output].weight().readRow(row[output], out, at);
            }
        });
    }
}
