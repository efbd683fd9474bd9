package org.bybert.encoder.model;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.TileShape;
import org.bybert.encoder.model.WeightsLoader.Part;

/** Packs matrices that share their input as one. */
final class WeightPacker implements WeightsLoader.Packer {

    private final TileShape shape;
    private final boolean narrow;

    WeightPacker(TileShape shape, WeightFormat format) {
        this.shape = shape;
        this.narrow = format == WeightFormat.BF16;
    }

    @Override
    public PackedMatrix pack(List<Part> parts) {
        int outputs = parts.stream().mapToInt(part -> part.weight().rows()).sum();
        Part[] owner = new Part[outputs];
        int[] row = new int[outputs];
        int next = 0;
        for (Part part : parts) {
            for (int r = 0; r < part.weight().rows(); r++, next++) {
                owner[next] = part;
                row[next] = r;
            }
        }
        return pack(owner, row, parts.get(0).weight().columns());
    }

    @Override
    public PackedMatrix interleave(Part gate, Part up) {
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
