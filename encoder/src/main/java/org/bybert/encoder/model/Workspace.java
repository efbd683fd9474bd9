package org.bybert.encoder.model;

import java.util.Arrays;
import java.util.stream.Stream;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.PackedMatrix;
import org.bybert.encoder.kernel.Panels;
import org.bybert.encoder.kernel.TileShape;

/** The buffers of one thread; they grow to the largest batch seen and are reused. */
public final class Workspace {

    /** Tokens whose logits can be had at a time. */
    public static final int CHUNK = 128;
    /**
     * Tokens that a weight passes while it is in the cache: enough to hide its way from memory, few enough that the
     * activations between gate/up and down (6 MiB at 3,072 features) stay in the third-level cache.
     */
    static final int TOKENS = 512;

    final Panels stream;
    /** The stream of the tokens asked for, where the last layer computes only those. */
    final Panels chosenStream;

    final Panels normed;
    /** Q, K and V of one layer. */
    final Panels queryKeyValue;

    final Panels chosenQueries;
    /** Result of attention before its output projection. */
    final Panels attended;

    final Panels gateUp;
    final Panels activated;
    /** Cosines, then sines, of every token's position. */
    final Panels angles;

    final Panels chosenAngles;
    final Panels gathered;
    final Panels logits;
    final Attention.Buffers attention;
    /** Weights widened from bfloat16. */
    float[] widened = new float[0];

    /** Where the hidden states of the last run are. */
    Panels result;
    /** For each token its place in {@link #result}, or −1; null where each is at its own. */
    int[] places;

    private final StageClock clock = new StageClock();

    Workspace(ModelConfig config, TileShape shape) {
        int hidden = config.hiddenSize();
        stream = new Panels(shape, hidden);
        chosenStream = new Panels(shape, hidden);
        normed = new Panels(shape, hidden);
        queryKeyValue = new Panels(shape, config.querySize() + 2 * config.keyValueSize());
        chosenQueries = new Panels(shape, config.querySize());
        attended = new Panels(shape, config.querySize());
        gateUp = new Panels(shape, PackedMatrix.groupsAtOnce(shape) * shape.outputs());
        activated = new Panels(shape, config.intermediateSize());
        angles = new Panels(shape, config.headSize());
        chosenAngles = new Panels(shape, config.headSize());
        gathered = new Panels(shape, hidden);
        logits = new Panels(shape, config.vocabSize());
        attention = new Attention.Buffers(config, shape);
        result = stream;
    }

    /** Where the time goes; off until it is started. */
    public StageClock clock() {
        return clock;
    }

    void reserve(RaggedBatch batch, int chosen) {
        int tokens = batch.tokens();
        int chunk = Math.min(tokens, TOKENS);
        stream.reserve(tokens);
        normed.reserve(chunk);
        queryKeyValue.reserve(tokens);
        attended.reserve(tokens);
        gateUp.reserve(chunk);
        activated.reserve(chunk);
        angles.reserve(tokens);
        if (chosen < tokens) {
            chosenStream.reserve(chosen);
            chosenQueries.reserve(chosen);
            chosenAngles.reserve(chosen);
        }
        attention.reserve(batch.longest());
    }

    /** Size of the buffers as they are now. */
    long bytes() {
        long floats = Stream.of(
                        stream,
                        chosenStream,
                        normed,
                        queryKeyValue,
                        chosenQueries,
                        attended,
                        gateUp,
                        activated,
                        angles,
                        chosenAngles,
                        gathered,
                        logits)
                .mapToLong(panels -> panels.data().length)
                .sum();
        return (floats + attention.floats() + widened.length) * Float.BYTES;
    }

    /** A buffer for {@link PackedMatrix#multiply}. */
    float[] widenedFor(PackedMatrix matrix) {
        if (widened.length < matrix.scratchSize()) {
            widened = new float[matrix.scratchSize()];
        }
        return widened;
    }

    /**
     * Which tokens were asked for, by their positions in the batch: each once, in ascending order, row by row. Also
     * notes in {@link #places} where each one's result will be.
     */
    RaggedBatch select(RaggedBatch batch, int[] wanted) {
        if (places == null || places.length < batch.tokens()) {
            places = new int[batch.tokens()];
        }
        Arrays.fill(places, -1);
        int count = 0;
        for (int token : wanted) {
            if (token < 0 || token >= batch.tokens()) {
                throw new IndexOutOfBoundsException("position " + token + " of " + batch.tokens() + " tokens");
            }
            count += places[token] < 0 ? 1 : 0;
            places[token] = 0;
        }
        int[] tokens = new int[count];
        int[] starts = new int[batch.rows() + 1];
        int next = 0;
        for (int row = 0; row < batch.rows(); row++) {
            for (int token = batch.start(row); token < batch.start(row) + batch.length(row); token++) {
                if (places[token] == 0) {
                    places[token] = next;
                    tokens[next++] = token;
                }
            }
            starts[row + 1] = next;
        }
        return new RaggedBatch(tokens, starts);
    }
}
