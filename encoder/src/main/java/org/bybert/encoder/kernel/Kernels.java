package org.bybert.encoder.kernel;

/**
 * The arithmetic of the encoder on {@link Panels}: wherever a panel is meant, {@code at} is its first value and its
 * rows (features) are {@code shape().panel()} values apart, one per token.
 *
 * <p>Implementations are stateless, run in the calling thread and allocate nothing. Every value of a token is computed
 * in one fixed order from values of the same token (attention: of its row), whatever lies beside it: a row's bits are
 * the same in every batch. Orders may differ between implementations and vector widths.
 */
public interface Kernels {

    /** For reports: {@code scalar}, or {@code vector-} and the width in bits. */
    String name();

    /** How this implementation wants its operands laid out. */
    TileShape shape();

    /**
     * {@code y = w · x}, or {@code y += w · x} where {@code add}, for some groups of weights and some panels.
     *
     * @param w       groups of {@code shape().outputs()} outputs, {@code wStride} apart; within a group the weights of
     *                all outputs for the first input, then those for the second
     * @param inputs  even; {@code x} has that many rows
     * @param x       panels, {@code xStride} apart
     * @param y       panels, {@code yStride} apart, each of {@code groups · shape().outputs()} rows
     */
    void multiply(
            float[] w,
            int wAt,
            int wStride,
            int groups,
            int inputs,
            float[] x,
            int xAt,
            int xStride,
            int panels,
            float[] y,
            int yAt,
            int yStride,
            boolean add);

    /** Widens {@code count} values, see {@link PackedMatrix}; {@code at} and {@code count} are whole blocks. */
    void widen(int[] bf16, int at, int count, float[] out, int outAt);

    /** {@code y[i] = weight[i] · x[i] / sqrt(mean(x²) + epsilon)} over the {@code n} rows of a panel; y may be x. */
    void rmsNorm(float[] x, int xAt, int n, float[] weight, float epsilon, float[] y, int yAt);

    /**
     * Rotates one head of a panel in place by position, in the "rotate half" pairing (i, i + half), then scales it.
     *
     * @param half   half the head size
     * @param angles a panel of {@code half} rows of cosines, then as many of sines
     */
    void rotate(float[] x, int at, int half, float[] angles, int anglesAt, float scale);

    /** {@code y[i] = silu(gate[i]) · up[i]} over {@code n} values, whole rows of panels; y may be one of them. */
    void swiGlu(float[] gate, int gateAt, float[] up, int upAt, float[] y, int yAt, int n);

    /**
     * One step of a running softmax (Milakov and Gimelshein 2018) over a panel of scores, a row for each key:
     * {@code score = exp(score − max)}.
     *
     * @param state four rows: the largest score so far, the sum of exponentials so far, what this step leaves behind (the
     *              factor that brings results of earlier steps to the new maximum), and one to work in
     */
    void softmax(float[] scores, int at, int keys, float[] state, int stateAt);

    /** {@code y = x · factors} over the rows of a panel, one factor for each token; y may be x. */
    void scale(float[] x, int xAt, int rows, float[] factors, int factorsAt, float[] y, int yAt);
}
