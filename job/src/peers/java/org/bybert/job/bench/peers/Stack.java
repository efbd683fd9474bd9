package org.bybert.job.bench.peers;

import java.util.List;
import org.bybert.encoder.checkpoint.WeightSource;

/**
 * Weights of projections of the same input that a graph multiplies as one, outputs one after the other.
 *
 * @param name   of the first
 * @param weight {@code [outputs, inputs]}
 * @param bias   {@code [outputs]}, or null where none of them has one
 */
record Stack(String name, int outputs, int inputs, float[] weight, float[] bias) {

    /**
     * @param name    of the tensors, without {@code .weight} or {@code .bias}
     * @param outputs rows of the tensor
     */
    record Part(String name, int outputs) {}

    static Stack of(WeightSource source, int inputs, Part... parts) {
        return of(source, inputs, List.of(parts));
    }

    private static Stack of(WeightSource source, int inputs, List<Part> parts) {
        int outputs = parts.stream().mapToInt(Part::outputs).sum();
        float[] weight = new float[Math.multiplyExact(outputs, inputs)];
        float[] bias = parts.stream().anyMatch(part -> source.has(part.name() + ".bias")) ? new float[outputs] : null;
        int first = 0;
        for (Part part : parts) {
            float[] values =
                    source.map(part.name() + ".weight", part.outputs(), inputs).toArray();
            System.arraycopy(values, 0, weight, first * inputs, values.length);
            if (source.has(part.name() + ".bias")) {
                System.arraycopy(
                        source.map(part.name() + ".bias", part.outputs()).toArray(), 0, bias, first, part.outputs());
            }
            first += part.outputs();
        }
        return new Stack(parts.get(0).name(), outputs, inputs, weight, bias);
    }
}
