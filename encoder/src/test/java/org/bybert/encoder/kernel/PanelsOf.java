package org.bybert.encoder.kernel;

/** Panels from, and back to, matrices of {@code tokens × features}, row after row. */
final class PanelsOf {

    private PanelsOf() {}

    static Panels of(TileShape shape, float[] rows, int at, int stride, int tokens, int features) {
        Panels panels = new Panels(shape, features);
        panels.reserve(tokens);
        for (int token = 0; token < tokens; token++) {
            panels.set(token, rows, at + token * stride, features);
        }
        return panels;
    }

    static float[] rows(Panels panels, int tokens, int features) {
        float[] rows = new float[tokens * features];
        for (int token = 0; token < tokens; token++) {
            panels.get(token, features, rows, token * features);
        }
        return rows;
    }
}
