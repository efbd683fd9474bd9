package org.bybert.encoder.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors of a byBERT-JP checkpoint by their Hugging Face names, layer by layer. */
public final class TensorShapes {

    private TensorShapes() {
    }

    /**
     * Shapes of all tensors: one extent (a vector) or two (rows, columns).
     *
     * @param queryKeyValueBias whether the Q, K and V projections have a bias
     */
    public static Map<String, int[]> of(ModelConfig config, boolean queryKeyValueBias) {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        int hidden = config.hiddenSize();
        shapes.put("model.embed_tokens.weight", new int[] {config.vocabSize(), hidden});
        for (int n = 0; n < config.layers(); n++) {
            String layer = "model.layers." + n + '.';
            shapes.put(layer + "input_layernorm.weight", new int[] {hidden});
            for (String projection : new String[] {"q_proj", "k_proj", "v_proj"}) {
                int outputs = projection.equals("q_proj") ? config.querySize() : config.keyValueSize();
                shapes.put(layer + "self_attn." + projection + ".weight", new int[] {outputs, hidden});
                if (queryKeyValueBias) {
                    shapes.put(layer + "self_attn." + projection + ".bias", new int[] {outputs});
                }
            }
            shapes.put(layer + "self_attn.o_proj.weight", new int[] {hidden, config.querySize()});
            shapes.put(layer + "post_attention_layernorm.weight", new int[] {hidden});
            shapes.put(layer + "mlp.gate_proj.weight", new int[] {config.intermediateSize(), hidden});
            shapes.put(layer + "mlp.up_proj.weight", new int[] {config.intermediateSize(), hidden});
            shapes.put(layer + "mlp.down_proj.weight", new int[] {hidden, config.intermediateSize()});
        }
        shapes.put("model.norm.weight", new int[] {hidden});
        if (!config.tiedEmbeddings()) {
            shapes.put("lm_head.weight", new int[] {config.vocabSize(), hidden});
        }
        return shapes;
    }

    /** Number of values of all tensors together: the model's parameters. */
    public static long parameters(Map<String, int[]> shapes) {
        return shapes.values().stream().mapToLong(TensorShapes::values).sum();
    }

    static long values(int[] shape) {
        long values = 1;
        for (int extent : shape) {
            values *= extent;
        }
        return values;
    }
}
