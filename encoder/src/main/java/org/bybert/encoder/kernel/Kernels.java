package org.bybert.encoder.kernel;

/**
 * The arithmetic of the encoder on flat {@code float[]} matrices (row after row, {@code stride} values apart).
 *
 * <p>Implementations are stateless, run in the calling thread and never allocate per row. Each output element is summed
 * in one fixed order that depends neither on its neighbours nor on the number of rows: a row's bits are the same in
 * every batch. Orders may differ between implementations and vector widths.
 */
public interface Kernels {

    /** For reports: {@code scalar}, or {@code vector-} and the width in bits. */
    String name();

    /** How this implementation wants matrices packed. */
    PanelWidths panelWidths();

    /**
     * {@code y = x · wᵀ}, plus the bias where {@code w} has one, plus the old {@code y} where {@code add}.
     *
     * @param x   {@code rows × w.inputs()}, from {@code xAt}
     * @param y   {@code rows × w.outputs()}, from {@code yAt}; must not overlap {@code x}
     * @param add accumulate into {@code y}
     */
    void multiply(float[] x, int xAt, int xStride, int rows, PackedMatrix w, float[] y, int yAt, int yStride,
                  boolean add);

    /** {@code y[i] = weight[i] · x[i] / sqrt(mean(x²) + epsilon)} over {@code n} values; y may be x. */
    void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt);

    /**
     * Rotates one head in place by position, in the "rotate half" pairing (i, i + half), then scales it.
     *
     * @param half    half the head size
     * @param cosines {@code cosines[tableAt … tableAt + half)} and the same of {@code sines} hold the position's angles
     */
    void rotate(float[] x, int at, int half, float[] cosines, float[] sines, int tableAt, float scale);

    /** {@code gate[i] = silu(gate[i]) · up[i]} over {@code n} values. */
    void swiGlu(float[] gate, int gateAt, float[] up, int upAt, int n);

    /** The largest of {@code n ≥ 1} values. */
    float max(float[] x, int at, int n);

    /** {@code x[i] = exp(x[i] − shift)} for values not above {@code shift}; returns their sum. */
    float expShifted(float[] x, int at, int n, float shift);

    /** {@code x[i] *= factor}. */
    void scale(float[] x, int at, int n, float factor);
}
