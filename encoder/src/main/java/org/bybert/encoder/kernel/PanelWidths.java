package org.bybert.encoder.kernel;

/**
 * The panels a matrix is cut into: wide ones as long as they fit, then one for the rest.
 *
 * @param wide outputs of a wide panel, a multiple of {@code step}
 * @param step the last panel is padded with zeros to a multiple of this
 */
public record PanelWidths(int wide, int step) {

    /** Width of the panel that begins at output {@code first}, padding included. */
    public int widthAt(int first, int outputs) {
        return outputs - first >= wide ? wide : roundUp(outputs - first);
    }

    /** Outputs including the padding of the last panel. */
    int padded(int outputs) {
        return roundUp(outputs);
    }

    private int roundUp(int outputs) {
        return Math.multiplyExact((outputs + step - 1) / step, step);
    }
}
