package org.bybert.encoder.kernel;

/**
 * How one set of kernels wants its operands laid out.
 *
 * @param outputs outputs of a weight group, which a kernel computes side by side; even
 * @param panel   tokens of an activation panel, which a kernel computes side by side
 * @param fetches weights are brought into the cache before a product reads them: for kernels that read faster than
 *                memory follows; slower ones lose by it, since they compute while the CPU reads ahead
 */
public record TileShape(int outputs, int panel, boolean fetches) {

    /** The smallest multiple of {@link #outputs} that holds {@code n}. */
    public int paddedOutputs(int n) {
        return Math.multiplyExact(groups(n), outputs);
    }

    public int groups(int n) {
        return (n + outputs - 1) / outputs;
    }

    public int panels(int tokens) {
        return (tokens + panel - 1) / panel;
    }
}
