package org.bybert.encoder.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.WeightSource;

/** How a graph multiplies by the weights of the checkpoint, adding a bias where there is one. */
enum Projection {

    /** Single precision. */
    FP32 {
        @Override
        String add(OnnxFile file, WeightSource source, String name, String input, String output, int outputs,
                   int inputs) throws IOException {
            String weight = name + ".weight";
            List<String> operands = new ArrayList<>(List.of(input,
                    file.floats(weight, source.map(weight, outputs, inputs).toArray(), outputs, inputs)));
            addBias(file, source, name, outputs, operands);
            return file.node("", "Gemm", operands, List.of(output), Map.of("transB", 1L));
        }
    },

    /** Weights of 8 bits, symmetric, one scale per output; inputs are quantised as they come, one scale per product. */
    INT8 {
        @Override
        String add(OnnxFile file, WeightSource source, String name, String input, String output, int outputs,
                   int inputs) throws IOException {
            float[] row = new float[inputs];
            float[] scales = new float[outputs];
            byte[] quantised = new byte[outputs * inputs];
            var tensor = source.map(name + ".weight", outputs, inputs);
            for (int o = 0; o < outputs; o++) {
                tensor.readRow(o, row, 0);
                float largest = Float.MIN_NORMAL;
                for (float value : row) {
                    largest = Math.max(largest, Math.abs(value));
                }
                scales[o] = largest / Byte.MAX_VALUE;
                for (int i = 0; i < inputs; i++) {
                    quantised[i * outputs + o] = (byte) Math.round(row[i] / scales[o]);
                }
            }
            List<String> operands = new ArrayList<>(List.of(input,
                    file.int8(name + ".quantised", quantised, inputs, outputs),
                    file.floats(name + ".scales", scales, outputs), ""));
            addBias(file, source, name, outputs, operands);
            return file.node(OnnxFile.MICROSOFT, "DynamicQuantizeMatMul", operands, List.of(output), Map.of());
        }
    };

    /**
     * @param name   of the tensors, without {@code .weight} or {@code .bias}
     * @param input  {@code [tokens, inputs]}
     * @param output {@code [tokens, outputs]}
     * @return {@code output}
     */
    abstract String add(OnnxFile file, WeightSource source, String name, String input, String output, int outputs,
                        int inputs) throws IOException;

    private static void addBias(OnnxFile file, WeightSource source, String name, int outputs, List<String> operands)
            throws IOException {
        String bias = name + ".bias";
        if (source.has(bias)) {
            operands.add(file.floats(bias, source.map(bias, outputs).toArray(), outputs));
        }
    }
}
