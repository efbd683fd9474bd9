package org.bybert.encoder.model;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.Panels;
import org.bybert.encoder.model.StageClock.Stage;
import org.bybert.encoder.model.Weights.Layer;

/**
 * The encoder: Llama 2 (Touvron et al. 2023) without the causal mask. Immutable and shared by all threads; each thread
 * brings a {@link Workspace}.
 */
public record Transformer(
        ModelConfig config, Kernels kernels, Weights weights, LayerRunner layers, RotaryTable rotary) {

    private Transformer(ModelConfig config, Kernels kernels, Weights weights) {
        this(
                config,
                kernels,
                weights,
                new LayerRunner(config, kernels),
                new RotaryTable(config.headSize(), config.ropeTheta()));
    }

    /** @throws ModelException where the checkpoint does not fit the configuration */
    public static Transformer load(ModelConfig config, WeightSource checkpoint, Kernels kernels, WeightFormat format) {
        return new Transformer(config, kernels, Weights.load(config, checkpoint, kernels.shape(), format));
    }

    /**
     * Checks that the checkpoint fits the configuration, without reading the large matrices.
     *
     * @throws ModelException where it does not
     */
    public static void check(ModelConfig config, WeightSource checkpoint) {
        Weights.check(config, checkpoint);
    }

    /** The same weights, shared, with another base of the rotary frequencies. */
    public Transformer withRopeTheta(double theta) {
        return new Transformer(config.with(config.layers(), theta), kernels, weights);
    }

    /** The vector of the hidden size that stands for a token before the first layer. */
    public float[] embedding(int id) {
        int hidden = config.hiddenSize();
        return Arrays.copyOfRange(weights.embeddings(), id * hidden, (id + 1) * hidden);
    }

    public Workspace newWorkspace() {
        return new Workspace(config, kernels.shape());
    }

    /** What a workspace takes that has seen one text of so many tokens, in bytes. */
    public long workspaceBytes(int tokens) {
        Workspace work = newWorkspace();
        work.reserve(RaggedBatch.of(List.of(new int[tokens])), tokens);
        work.gathered.reserve(Workspace.CHUNK);
        work.logits.reserve(Workspace.CHUNK);
        Layer layer = weights.layers().get(0);
        List.of(layer.queryKeyValue(), layer.output(), layer.gateUp(), layer.down(), weights.head())
                .forEach(work::widenedFor);
        return work.bytes();
    }

    /**
     * Runs all layers; afterwards {@link #hidden} and {@link #logits} read results from the workspace.
     *
     * @param wanted null for all tokens, or positions in the batch in any order: results are for these tokens alone,
     *               and the last layer computes no others
     * @throws IllegalArgumentException where an id is outside the vocabulary
     */
    public void run(RaggedBatch batch, int[] wanted, Workspace work) {
        RaggedBatch chosen = wanted == null ? null : work.select(batch, wanted);
        if (chosen != null && chosen.tokens() == batch.tokens()) {
            chosen = null;
        }
        work.reserve(batch, chosen == null ? batch.tokens() : chosen.tokens());
        work.clock().restart();
        embed(batch, work);
        work.result = chosen == null || chosen.tokens() == 0 ? work.stream : work.chosenStream;
        if (chosen == null) {
            work.places = null;
        } else if (chosen.tokens() == 0) {
            return;
        }
        layAngles(batch, work);
        int last = weights.layers().size() - 1;
        for (int n = 0; n <= last; n++) {
            layers.run(weights.layers().get(n), batch, n == last ? chosen : null, work);
        }
    }

    private void embed(RaggedBatch batch, Workspace work) {
        int hidden = config.hiddenSize();
        for (int token = 0; token < batch.tokens(); token++) {
            int id = batch.ids()[token];
            if (id < 0 || id >= config.vocabSize()) {
                throw new IllegalArgumentException(
                        "token " + token + ": expected an id of 0 to " + (config.vocabSize() - 1) + ", found " + id);
            }
            work.stream.set(token, weights.embeddings(), id * hidden, hidden);
        }
    }

    /** Every token's angles as a panel, once for all layers and heads. */
    private void layAngles(RaggedBatch batch, Workspace work) {
        float[] table = rotary.upTo(batch.longest());
        int size = config.headSize();
        for (int row = 0; row < batch.rows(); row++) {
            for (int position = 0; position < batch.length(row); position++) {
                work.angles.set(batch.start(row) + position, table, position * size, size);
            }
        }
    }

    /** The hidden state of one token after the final norm, into {@code out[at … at + hidden)}. */
    public void hidden(Workspace work, int token, float[] out, int at) {
        gatherNormed(work, new int[] {token}, 0, 1);
        work.gathered.get(0, config.hiddenSize(), out, at);
    }

    /**
     * The head's scores for some tokens.
     *
     * @param tokens positions in the batch, of which {@code count} from {@code first} are wanted; at most
     *               {@link Workspace#CHUNK} at a time
     * @param out    {@code [count, vocab]}, row after row
     */
    public void logits(Workspace work, int[] tokens, int first, int count, float[] out) {
        work.clock().restart();
        gatherNormed(work, tokens, first, count);
        work.clock().mark(Stage.NORM);
        work.logits.reserve(count);
        weights.head()
                .multiply(
                        kernels,
                        0,
                        weights.head().groups(),
                        work.gathered,
                        0,
                        kernels.shape().panels(count),
                        work.logits,
                        0,
                        0,
                        false,
                        work.widenedFor(weights.head()));
        for (int i = 0; i < count; i++) {
            work.logits.get(i, config.vocabSize(), out, i * config.vocabSize());
        }
        work.clock().mark(Stage.HEAD);
    }

    private void gatherNormed(Workspace work, int[] tokens, int first, int count) {
        Panels gathered = work.gathered;
        gathered.reserve(count);
        for (int i = 0; i < count; i++) {
            int token = tokens[first + i];
            int place = work.places == null ? token : work.places[token];
            if (place < 0) {
                throw new IllegalArgumentException("token " + token + " was not asked for in the last run");
            }
            gathered.copy(i, work.result, place, config.hiddenSize());
        }
        for (int panel = 0; panel < kernels.shape().panels(count); panel++) {
            int at = gathered.at(panel, 0);
            kernels.rmsNorm(
                    gathered.data(),
                    at,
                    config.hiddenSize(),
                    weights.finalNorm(),
                    config.rmsNormEpsilon(),
                    gathered.data(),
                    at);
        }
    }
}
