package org.bybert.encoder.kernel;

/**
 * Activations of a batch: {@code features × tokens}, cut into panels of a few tokens. Within a panel the tokens of one
 * feature lie side by side, one per vector lane, so that norms, softmax and activations need nothing across lanes, and
 * the result of one product is the operand of the next without being laid out anew.
 *
 * <p>Features are padded to whole weight groups, since products write whole groups. What lies in padding and in lanes
 * beyond the last token is finite and without meaning.
 */
public final class Panels {

    /**
     * A Java array begins 16 bytes into its object, and G1 puts a large one at the start of a region: 12 floats further
     * on every vector lies in one cache line.
     */
    public static final int ALIGNMENT = 12;

    private final TileShape shape;
    private final int rows;
    private float[] data = new float[0];

    public Panels(TileShape shape, int features) {
        this.shape = shape;
        this.rows = shape.paddedOutputs(features);
    }

    /** Makes room for so many tokens; what was in there is lost where it grows. */
    public void reserve(int tokens) {
        int size = Math.addExact(Math.multiplyExact(shape.panels(tokens), stride()), ALIGNMENT);
        if (data.length < size) {
            data = new float[size];
        }
    }

    public float[] data() {
        return data;
    }

    /** From one panel to the next. */
    public int stride() {
        return rows * shape.panel();
    }

    /** Where the tokens of one feature begin in a panel. */
    public int at(int panel, int feature) {
        return ALIGNMENT + panel * stride() + feature * shape.panel();
    }

    /** Where the first feature of a token lies; its next one lies a panel's width further on. */
    public int column(int token) {
        return at(token / shape.panel(), 0) + token % shape.panel();
    }

    /** Copies the first {@code count} features of a token into {@code out[outAt …]}. */
    public void get(int token, int count, float[] out, int outAt) {
        copy(data, column(token), shape.panel(), out, outAt, 1, count);
    }

    /** Sets the first {@code count} features of a token from {@code in[inAt …]}. */
    public void set(int token, float[] in, int inAt, int count) {
        copy(in, inAt, 1, data, column(token), shape.panel(), count);
    }

    /** Sets the first {@code count} features of a token to those of a token of {@code other}. */
    public void copy(int token, Panels other, int otherToken, int count) {
        copy(other.data, other.column(otherToken), shape.panel(), data, column(token), shape.panel(), count);
    }

    private static void copy(float[] from, int fromAt, int fromStep, float[] to, int toAt, int toStep, int count) {
        for (int i = 0; i < count; i++, fromAt += fromStep, toAt += toStep) {
            to[toAt] = from[fromAt];
        }
    }
}
