package org.bybert.encoder.kernel;

import java.util.Arrays;
import java.util.function.ObjIntConsumer;

/**
 * Weights of {@code outputs × inputs} in the groups that {@link Kernels#multiply} reads strictly forwards, held as F32
 * or, at half the size, as bfloat16. Immutable.
 *
 * <p>Values of type bfloat16 lie two to an {@code int}, in blocks that a vector of any width widens without moving a
 * lane: int {@code i} of a block holds value {@code i} in its upper half and value {@code i + 16} in its lower half.
 *
 * @param partInputs inputs taken at a time
 * @param groupSize  values of a group, with those that fill its last block
 * @param bias       one value per output, or null
 * @param f32        null where the weights are bfloat16
 * @param bf16       null where the weights are F32
 */
public record PackedMatrix(
        TileShape shape,
        int outputs,
        int inputs,
        int partInputs,
        int groupSize,
        float[] bias,
        float[] f32,
        int[] bf16) {

    /** Values of a block of bfloat16. */
    public static final int BLOCK = 32;

    private static final int HALF = BLOCK / 2;
    /**
     * Inputs taken at a time: a group of 12 outputs (36 KiB) passes through the first-level cache, and eight of them
     * beside a panel (96 KiB) stay in a second level of 512 KiB.
     */
    private static final int MOST_INPUTS = 768;
    /** A part begins on a whole {@link #BLOCK} whatever the group size. */
    private static final int INPUTS_STEP = 16;
    /** Outputs taken at a time, see {@link #MOST_INPUTS}. */
    private static final int MOST_OUTPUTS = 96;

    /** Floats or ints in a line of cache. */
    private static final int LINE = 16;

    /**
     * Packs {@code outputs × inputs} weights.
     *
     * @param bias   one value per output, or null
     * @param narrow hold them as bfloat16, rounded to nearest even where they are not
     * @param reader puts the weights of one output into a row of zeros
     */
    public static PackedMatrix of(
            TileShape shape, int outputs, int inputs, float[] bias, boolean narrow, ObjIntConsumer<float[]> reader) {
        int parts = (inputs + MOST_INPUTS - 1) / MOST_INPUTS;
        // Kernels take an even number of inputs: an odd one is followed by weights of zero.
        int groupSize = roundUp(roundUp(inputs, 2) * shape.outputs(), BLOCK);
        int size = Math.multiplyExact(shape.groups(outputs), groupSize);
        PackedMatrix packed = new PackedMatrix(
                shape,
                outputs,
                inputs,
                roundUp((inputs + parts - 1) / parts, INPUTS_STEP),
                groupSize,
                bias,
                narrow ? null : new float[size],
                narrow ? new int[size / 2] : null);
        int width = shape.outputs();
        float[] row = new float[inputs];
        float[] group = new float[groupSize];
        for (int g = 0; g < shape.groups(outputs); g++) {
            for (int r = 0; r < width; r++) {
                Arrays.fill(row, 0);
                if (g * width + r < outputs) {
                    reader.accept(row, g * width + r);
                }
                for (int i = 0, to = r; i < inputs; i++, to += width) {
                    group[to] = row[i];
                }
            }
            if (narrow) {
                narrow(group, packed.bf16, g * (group.length / 2));
            } else {
                System.arraycopy(group, 0, packed.f32, g * group.length, group.length);
            }
        }
        return packed;
    }

    /** Narrows values, whole blocks, to the nearest bfloat16, ties to even. */
    static void narrow(float[] values, int[] out, int outAt) {
        for (int block = 0; block < values.length; block += BLOCK, outAt += HALF) {
            for (int i = 0; i < HALF; i++) {
                out[outAt + i] = rounded(values[block + i]) & 0xffff0000 | rounded(values[block + HALF + i]) >>> 16;
            }
        }
    }

    /** The upper 16 bits are the bfloat16. */
    private static int rounded(float value) {
        int bits = Float.floatToRawIntBits(value);
        return bits + 0x7fff + (bits >>> 16 & 1);
    }

    private static int roundUp(int n, int step) {
        return Math.multiplyExact((n + step - 1) / step, step);
    }

    public int groups() {
        return shape.groups(outputs);
    }

    /** How many groups share one pass over the panels. */
    public static int groupsAtOnce(TileShape shape) {
        return MOST_OUTPUTS / shape.outputs();
    }

    /** Size of the buffer that {@link #multiply} needs. */
    public int scratchSize() {
        return bf16 == null ? 1 : groupsAtOnce(shape) * roundUp(partInputs * shape.outputs(), BLOCK);
    }

    /**
     * {@code y = w · x + bias}, or the same added to {@code y}, for the groups {@code [from, to)}; the group
     * {@code from} writes feature {@code yFeature} of {@code y}.
     */
    public void multiply(
            Kernels kernels,
            int from,
            int to,
            Panels x,
            int firstPanel,
            int panels,
            Panels y,
            int yFirstPanel,
            int yFeature,
            boolean add,
            float[] scratch) {
        if (bias != null) {
            startWithBias(from, to, panels, y, yFirstPanel, yFeature, add);
        }
        for (int first = from; first < to; first += groupsAtOnce(shape)) {
            int groups = Math.min(groupsAtOnce(shape), to - first);
            int yAt = y.at(yFirstPanel, yFeature + (first - from) * shape.outputs());
            for (int input = 0; input < inputs; input += partInputs) {
                int count = Math.min(partInputs, inputs - input);
                int even = count + (count & 1);
                boolean adding = add || bias != null || input > 0;
                int at = first * groupSize + input * shape.outputs();
                int xAt = x.at(firstPanel, input);
                int partSize = roundUp(even * shape.outputs(), BLOCK);
                if (shape.fetches()) {
                    // Written, so that the JIT compiler does not leave the reading out; nothing reads it.
                    scratch[0] = fetch(at, partSize, groups);
                }
                if (f32 != null) {
                    kernels.multiply(
                            f32,
                            at,
                            groupSize,
                            groups,
                            even,
                            x.data(),
                            xAt,
                            x.stride(),
                            panels,
                            y.data(),
                            yAt,
                            y.stride(),
                            adding);
                } else {
                    for (int g = 0; g < groups; g++) {
                        kernels.widen(bf16, (at + g * groupSize) / 2, partSize, scratch, g * partSize);
                    }
                    kernels.multiply(
                            scratch,
                            0,
                            partSize,
                            groups,
                            even,
                            x.data(),
                            xAt,
                            x.stride(),
                            panels,
                            y.data(),
                            yAt,
                            y.stride(),
                            adding);
                }
            }
        }
    }

    /**
     * Brings weights into the cache. A product, or widening, that meets them for the first time waits for each line of
     * memory; this asks for many at once.
     */
    private int fetch(int at, int count, int groups) {
        int sum = 0;
        for (int g = 0; g < groups; g++, at += groupSize) {
            sum += f32 != null ? fetchWide(at, at + count) : fetchNarrow(at / 2, (at + count) / 2);
        }
        return sum;
    }

    private int fetchWide(int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += LINE) {
            sum += Float.floatToRawIntBits(f32[i]);
        }
        return sum;
    }

    private int fetchNarrow(int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += LINE) {
            sum += bf16[i];
        }
        return sum;
    }

    private void startWithBias(int from, int to, int panels, Panels y, int yFirstPanel, int yFeature, boolean add) {
        int width = shape.panel();
        int end = Math.min(to * shape.outputs(), outputs);
        for (int panel = 0; panel < panels; panel++) {
            int at = y.at(yFirstPanel + panel, yFeature);
            for (int output = from * shape.outputs(); output < end; output++, at += width) {
                for (int i = at; i < at + width; i++) {
                    y.data()[i] = add ? y.data()[i] + bias[output] : bias[output];
                }
            }
        }
    }
}
