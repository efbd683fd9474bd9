package org.bybert.encoder.kernel;

import java.util.Arrays;

/**
 * A matrix of {@code outputs × inputs} laid out for {@link Kernels#multiply}: panels of a few outputs each, within a
 * panel one group of outputs per input, so that the kernel reads memory strictly forwards. The panel that begins at
 * output {@code o} starts at {@code data()[o · inputs]}.
 */
public final class PackedMatrix {

    /** Fills {@code out[at … at + inputs)} with the weights of one output. */
    public interface RowReader {
        void read(int output, float[] out, int at);
    }

    private final PanelWidths widths;
    private float[] data;
    private float[] bias;
    private int outputs;
    private int inputs;

    /** An empty matrix, to be filled by {@link #packRows} or {@link #packColumns}. */
    public PackedMatrix(PanelWidths widths) {
        this.widths = widths;
        this.data = new float[0];
    }

    /** Packs {@code outputs × inputs} weights; {@code bias} holds one value per output or is null. */
    public static PackedMatrix of(PanelWidths widths, int outputs, int inputs, float[] bias, RowReader reader) {
        PackedMatrix packed = new PackedMatrix(widths);
        packed.resize(outputs, inputs);
        packed.bias = bias;
        float[] rows = new float[Math.min(widths.wide(), outputs) * inputs];
        for (int first = 0; first < outputs; first += widths.widthAt(first, outputs)) {
            int count = Math.min(widths.widthAt(first, outputs), outputs - first);
            for (int j = 0; j < count; j++) {
                reader.read(first + j, rows, j * inputs);
            }
            packed.packPanelOfRows(first, count, rows, 0, inputs);
        }
        return packed;
    }

    /** Packs a matrix whose weight for output {@code o} and input {@code i} is {@code source[at + o·stride + i]}. */
    public void packRows(float[] source, int at, int stride, int outputs, int inputs) {
        resize(outputs, inputs);
        for (int first = 0; first < outputs; first += widths.widthAt(first, outputs)) {
            int count = Math.min(widths.widthAt(first, outputs), outputs - first);
            packPanelOfRows(first, count, source, at + first * stride, stride);
        }
    }

    /** Packs a matrix whose weight for output {@code o} and input {@code i} is {@code source[at + i·stride + o]}. */
    public void packColumns(float[] source, int at, int stride, int outputs, int inputs) {
        resize(outputs, inputs);
        for (int first = 0; first < outputs; first += widths.widthAt(first, outputs)) {
            int width = widths.widthAt(first, outputs);
            int count = Math.min(width, outputs - first);
            int to = first * inputs;
            for (int i = 0; i < inputs; i++, to += width) {
                System.arraycopy(source, at + i * stride + first, data, to, count);
                Arrays.fill(data, to + count, to + width, 0);
            }
        }
    }

    private void packPanelOfRows(int first, int count, float[] source, int at, int stride) {
        int width = widths.widthAt(first, outputs);
        int panel = first * inputs;
        for (int j = 0; j < count; j++) {
            int from = at + j * stride;
            for (int i = 0, to = panel + j; i < inputs; i++, to += width) {
                data[to] = source[from + i];
            }
        }
        for (int i = 0, to = panel; count < width && i < inputs; i++, to += width) {
            Arrays.fill(data, to + count, to + width, 0);
        }
    }

    private void resize(int outputs, int inputs) {
        this.outputs = outputs;
        this.inputs = inputs;
        int size = Math.multiplyExact(widths.padded(outputs), inputs);
        if (data.length < size) {
            data = new float[size];
        }
    }

    public int outputs() {
        return outputs;
    }

    public int inputs() {
        return inputs;
    }

    public PanelWidths widths() {
        return widths;
    }

    public float[] data() {
        return data;
    }

    /** Prepares one row of a result: the bias, or zeros, added to what is there where {@code add}. */
    public void startRow(float[] y, int at, boolean add) {
        if (add && bias == null) {
            return;
        }
        if (bias == null) {
            Arrays.fill(y, at, at + outputs, 0);
        } else if (add) {
            for (int i = 0; i < outputs; i++) {
                y[at + i] += bias[i];
            }
        } else {
            System.arraycopy(bias, 0, y, at, outputs);
        }
    }
}
