package org.bybert.encoder.model;

import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.Panels;
import org.bybert.encoder.kernel.TileShape;
import org.bybert.encoder.model.StageClock.Stage;
import org.bybert.encoder.model.Weights.Layer;

/**
 * One layer over a batch: norm, Q/K/V, rotary positions, attention, output, norm, SwiGLU, each added to the stream.
 *
 * @param chunk panels that a weight passes while it is in the cache
 */
record LayerRunner(
        ModelConfig config, Kernels kernels, TileShape shape, Attention attention, int chunk, float queryScale) {

    LayerRunner(ModelConfig config, Kernels kernels) {
        this(
                config,
                kernels,
                kernels.shape(),
                new Attention(config, kernels),
                kernels.shape().panels(Workspace.TOKENS),
                (float) (1 / Math.sqrt(config.headSize())));
    }

    /**
     * For all tokens, in {@code work.stream}; or for some, from there to {@code work.chosenStream}: keys and values are
     * of all tokens.
     *
     * @param chosen see {@link Workspace#select}; null for all
     */
    void run(Layer layer, RaggedBatch batch, RaggedBatch chosen, Workspace work) {
        int size = config.querySize();
        int all = shape.panels(batch.tokens());
        int panels = chosen == null ? all : shape.panels(chosen.tokens());
        Panels stream = chosen == null ? work.stream : work.chosenStream;
        Panels queries = chosen == null ? work.queryKeyValue : work.chosenQueries;
        int[] starts = chosen == null ? batch.starts() : chosen.starts();
        for (int i = 0; chosen != null && i < chosen.tokens(); i++) {
            work.chosenStream.copy(i, work.stream, chosen.ids()[i], config.hiddenSize());
            work.chosenAngles.copy(i, work.angles, chosen.ids()[i], config.headSize());
        }
        work.clock().mark(Stage.EMBEDDING);
        project(
                layer,
                chosen == null ? 0 : size / shape.outputs(),
                layer.queryKeyValue().groups(),
                work.stream,
                all,
                work.queryKeyValue,
                work);
        if (chosen != null) {
            project(layer, 0, shape.groups(size), stream, panels, queries, work);
        }
        rotate(queries, 0, size, panels, chosen == null ? work.angles : work.chosenAngles, queryScale);
        rotate(work.queryKeyValue, size, config.keyValueSize(), all, work.angles, 1);
        work.clock().mark(Stage.ROTARY);
        for (int row = 0; row < batch.rows(); row++) {
            attention.attend(
                    batch.start(row), batch.length(row), queries, starts[row], starts[row + 1] - starts[row], work);
        }
        addOutput(layer, panels, stream, work);
        feedForward(layer, panels, stream, work);
    }

    /** Norm, then the groups {@code [from, to)} of the Q/K/V projection. */
    private void project(Layer layer, int from, int to, Panels stream, int panels, Panels out, Workspace work) {
        PackedMatrix projection = layer.queryKeyValue();
        for (int first = 0; first < panels; first += chunk) {
            int count = Math.min(chunk, panels - first);
            norm(stream, first, count, layer.attentionNorm(), work);
            projection.multiply(
                    kernels,
                    from,
                    to,
                    work.normed,
                    0,
                    count,
                    out,
                    first,
                    from * shape.outputs(),
                    false,
                    work.widenedFor(projection));
            work.clock().mark(Stage.QUERY_KEY_VALUE);
        }
    }

    private void rotate(Panels x, int feature, int features, int panels, Panels angles, float scale) {
        for (int panel = 0; panel < panels; panel++) {
            for (int at = 0; at < features; at += config.headSize()) {
                kernels.rotate(
                        x.data(),
                        x.at(panel, feature + at),
                        config.headSize() / 2,
                        angles.data(),
                        angles.at(panel, 0),
                        scale);
            }
        }
    }

    private void addOutput(Layer layer, int panels, Panels stream, Workspace work) {
        PackedMatrix output = layer.output();
        for (int first = 0; first < panels; first += chunk) {
            output.multiply(
                    kernels,
                    0,
                    output.groups(),
                    work.attended,
                    first,
                    Math.min(chunk, panels - first),
                    stream,
                    first,
                    0,
                    true,
                    work.widenedFor(output));
        }
        work.clock().mark(Stage.OUTPUT);
    }

    private void feedForward(Layer layer, int panels, Panels stream, Workspace work) {
        PackedMatrix down = layer.down();
        for (int first = 0; first < panels; first += chunk) {
            int count = Math.min(chunk, panels - first);
            norm(stream, first, count, layer.feedForwardNorm(), work);
            activate(layer.gateUp(), count, work);
            down.multiply(
                    kernels, 0, down.groups(), work.activated, 0, count, stream, first, 0, true, work.widenedFor(down));
            work.clock().mark(Stage.DOWN);
        }
    }

    /** Gate and up projection, a few groups of each at a time, which SwiGLU joins while they are in the cache. */
    private void activate(PackedMatrix gateUp, int panels, Workspace work) {
        Panels both = work.gateUp;
        int outputs = shape.outputs();
        int step = PackedMatrix.groupsAtOnce(shape);
        for (int first = 0; first < gateUp.groups(); first += step) {
            int groups = Math.min(step, gateUp.groups() - first);
            gateUp.multiply(
                    kernels, first, first + groups, work.normed, 0, panels, both, 0, 0, false, work.widenedFor(gateUp));
            work.clock().mark(Stage.GATE_UP);
            for (int panel = 0; panel < panels; panel++) {
                for (int group = 0; group < groups; group += 2) {
                    kernels.swiGlu(
                            both.data(),
                            both.at(panel, group * outputs),
                            both.data(),
                            both.at(panel, (group + 1) * outputs),
                            work.activated.data(),
                            work.activated.at(panel, (first + group) / 2 * outputs),
                            outputs * shape.panel());
                }
            }
            work.clock().mark(Stage.ACTIVATION);
        }
    }

    private void norm(Panels stream, int first, int panels, float[] weight, Workspace work) {
        for (int panel = 0; panel < panels; panel++) {
            kernels.rmsNorm(
                    stream.data(),
                    stream.at(first + panel, 0),
                    config.hiddenSize(),
                    weight,
                    config.rmsNormEpsilon(),
                    work.normed.data(),
                    work.normed.at(panel, 0));
        }
        work.clock().mark(Stage.NORM);
    }
}
