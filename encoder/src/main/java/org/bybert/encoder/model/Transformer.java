package org.bybert.encoder.model;

import org.bybert.encoder.ModelException;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.RandomWeights;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.PackedMatrix;

/**
 * The encoder: Llama 2 (Touvron et al. 2023) without the causal mask. Immutable and shared by all threads; each thread
 * brings a {@link Workspace}.
 */
public final class Transformer {

    private final ModelConfig config;
    private final Kernels kernels;
    private final Weights weights;
    private final Attention attention;
    private final RotaryTable rotary;

    private Transformer(ModelConfig config, Kernels kernels, Weights weights) {
        this.config = config;
        this.kernels = kernels;
        this.weights = weights;
        this.attention = new Attention(config, kernels);
        this.rotary = new RotaryTable(config.headSize(), config.ropeTheta());
    }

    /** @throws ModelException where the checkpoint does not fit the configuration */
    public static Transformer load(ModelConfig config, WeightSource checkpoint, Kernels kernels) {
        return new Transformer(config, kernels, new WeightsLoader(config, checkpoint).load(kernels));
    }

    /** A model of this shape with random weights, for benchmarks: no file is read. */
    public static Transformer random(ModelConfig config, Kernels kernels, long seed) {
        return load(config, new RandomWeights(seed, Dtype.F32), kernels);
    }

    /**
     * Checks that the checkpoint fits the configuration, without reading the large matrices.
     *
     * @throws ModelException where it does not
     */
    public static void check(ModelConfig config, WeightSource checkpoint) {
        new WeightsLoader(config, checkpoint).check();
    }

    public ModelConfig config() {
        return config;
    }

    public Kernels kernels() {
        return kernels;
    }

    public Workspace newWorkspace() {
        return new Workspace(config, kernels.panelWidths());
    }

    /**
     * Runs all layers; afterwards {@link #hidden} and {@link #logits} read results from the workspace.
     *
     * @throws IllegalArgumentException where an id is outside the vocabulary
     */
    public void run(RaggedBatch batch, Workspace work) {
        work.reserve(batch);
        StageClock clock = work.clock();
        clock.restart();
        embed(batch, work);
        clock.mark(Stage.EMBEDDING);
        RotaryTable.Angles angles = rotary.upTo(batch.longest());
        for (Layer layer : weights.layers()) {
            projectQueryKeyValue(layer, batch.tokens(), work);
            attention.rotate(batch, angles, work);
            clock.mark(Stage.ROTARY);
            attention.attend(batch, work);
            kernels.multiply(work.attended, 0, config.querySize(), batch.tokens(), layer.output(),
                    work.stream, 0, config.hiddenSize(), true);
            clock.mark(Stage.OUTPUT);
            feedForward(layer, batch.tokens(), work);
        }
    }

    private void embed(RaggedBatch batch, Workspace work) {
        int hidden = config.hiddenSize();
        for (int token = 0; token < batch.tokens(); token++) {
            int id = batch.ids()[token];
            if (id < 0 || id >= config.vocabSize()) {
                throw new IllegalArgumentException("token " + token + ": expected an id of 0 to "
                        + (config.vocabSize() - 1) + ", found " + id);
            }
            System.arraycopy(weights.embeddings(), id * hidden, work.stream, token * hidden, hidden);
        }
    }

    private void projectQueryKeyValue(Layer layer, int tokens, Workspace work) {
        PackedMatrix projection = layer.queryKeyValue();
        for (int first = 0; first < tokens; first += Workspace.CHUNK) {
            int rows = Math.min(Workspace.CHUNK, tokens - first);
            norm(work.stream, first, rows, layer.attentionNorm(), work.normed, 0);
            work.clock().mark(Stage.NORM);
            kernels.multiply(work.normed, 0, config.hiddenSize(), rows, projection,
                    work.queryKeyValue, first * projection.outputs(), projection.outputs(), false);
            work.clock().mark(Stage.QUERY_KEY_VALUE);
        }
    }

    private void feedForward(Layer layer, int tokens, Workspace work) {
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        for (int first = 0; first < tokens; first += Workspace.CHUNK) {
            int rows = Math.min(Workspace.CHUNK, tokens - first);
            norm(work.stream, first, rows, layer.feedForwardNorm(), work.normed, 0);
            work.clock().mark(Stage.NORM);
            kernels.multiply(work.normed, 0, hidden, rows, layer.gateUp(), work.gateUp, 0, 2 * intermediate, false);
            work.clock().mark(Stage.GATE_UP);
            for (int row = 0; row < rows; row++) {
                int gateAt = row * 2 * intermediate;
                kernels.swiGlu(work.gateUp, gateAt, work.gateUp, gateAt + intermediate, intermediate);
            }
            work.clock().mark(Stage.ACTIVATION);
            kernels.multiply(work.gateUp, 0, 2 * intermediate, rows, layer.down(),
                    work.stream, first * hidden, hidden, true);
            work.clock().mark(Stage.DOWN);
        }
    }

    private void norm(float[] x, int first, int rows, float[] weight, float[] y, int yFirst) {
        int hidden = config.hiddenSize();
        for (int row = 0; row < rows; row++) {
            kernels.rmsNorm(x, (first + row) * hidden, hidden, weight, config.rmsNormEpsilon(),
                    y, (yFirst + row) * hidden);
        }
    }

    /** The hidden state of one token after the final norm, into {@code out[at … at + hidden)}. */
    public void hidden(Workspace work, int token, float[] out, int at) {
        int hidden = config.hiddenSize();
        kernels.rmsNorm(work.stream, token * hidden, hidden, weights.finalNorm(), config.rmsNormEpsilon(), out, at);
    }

    /**
     * The head's scores for some tokens.
     *
     * @param tokens    positions in the batch, of which {@code count} from {@code first} are wanted; at most
     *                  {@link Workspace#CHUNK} at a time
     * @param out       {@code [count, vocab]}, row after row
     */
    public void logits(Workspace work, int[] tokens, int first, int count, float[] out) {
        int hidden = config.hiddenSize();
        work.clock().restart();
        for (int i = 0; i < count; i++) {
            hidden(work, tokens[first + i], work.normed, i * hidden);
        }
        work.clock().mark(Stage.NORM);
        kernels.multiply(work.normed, 0, hidden, count, weights.head(), out, 0, config.vocabSize(), false);
        work.clock().mark(Stage.HEAD);
    }
}
