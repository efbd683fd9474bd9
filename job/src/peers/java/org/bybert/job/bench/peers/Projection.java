package org.bybert.job.bench.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How a graph multiplies by the weights of the checkpoint, adding a bias where there is one. */
enum Projection {

    /** Single precision. */
    FP32 {
        @Override
        String add(OnnxFile file, Stack weights, String input, String output) throws IOException {
            List<String> operands = new ArrayList<>(List.of(
                    input,
                    file.floats(weights.name() + ".weight", weights.weight(), weights.outputs(), weights.inputs())));
            addBias(file, weights, operands);
            return file.node("", "Gemm", operands, List.of(output), Map.of("transB", 1L));
        }
    },

    /**
     * Weights of 8 bits (or 7, see {@link Int8Range}), symmetric, one scale per output; inputs are quantised as they
     * come, one scale per product.
     */
    INT8 {
        @Override
        String add(OnnxFile file, Stack weights, String input, String output) throws IOException {
            float[] scales = new float[weights.outputs()];
            String quantised = file.int8(
                    weights.name() + ".quantised", quantise(weights, scales), weights.inputs(), weights.outputs());
            // The empty name is the zero point, of which symmetric weights have none.
            List<String> operands = new ArrayList<>(
                    List.of(input, quantised, file.floats(weights.name() + ".scales", scales, weights.outputs()), ""));
            addBias(file, weights, operands);
            return file.node(OnnxFile.MICROSOFT, "DynamicQuantizeMatMul", operands, List.of(output), Map.of());
        }
    };

    /**
     * @param input  {@code [tokens, inputs]}
     * @param output {@code [tokens, outputs]}
     * @return {@code output}
     */
    abstract String add(OnnxFile file, Stack weights, String input, String output) throws IOException;

    /** {@code [inputs, outputs]}; fills the scale of each output. */
    private static byte[] quantise(Stack weights, float[] scales) {
        byte[] quantised = new byte[weights.weight().length];
        int inputs = weights.inputs();
        for (int o = 0; o < weights.outputs(); o++) {
            float largest = Float.MIN_NORMAL;
            for (int i = 0; i < inputs; i++) {
                largest = Math.max(largest, Math.abs(weights.weight()[o * inputs + i]));
            }
            scales[o] = largest / Int8Range.LARGEST;
            for (int i = 0; i < inputs; i++) {
                quantised[i * weights.outputs() + o] = (byte) Math.round(weights.weight()[o * inputs + i] / scales[o]);
            }
        }
        return quantised;
    }

    private static void addBias(OnnxFile file, Stack weights, List<String> operands) throws IOException {
        if (weights.bias() != null) {
            operands.add(file.floats(weights.name() + ".bias", weights.bias(), weights.outputs()));
        }
    }
}
