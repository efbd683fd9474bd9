package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.model.RaggedBatch;

/** The inputs of the measurements: random ids in rows of given lengths, the same for the same seed. */
public final class Lengths {

    /** Shortest and longest row of the mixed sentences, in tokens. */
    public static final int SHORTEST = 8;
    public static final int LONGEST = 200;
    /** Tokens a ragged batch of mixed sentences holds at most. */
    public static final int BATCH_TOKENS = 2048;

    private static final long SEED = 20250311;

    private Lengths() {
    }

    /** {@code n} lengths in tokens, evenly distributed over 8 to 200. */
    public static int[] mixed(int n) {
        SplittableRandom random = new SplittableRandom(SEED);
        return IntStream.range(0, n).map(i -> random.nextInt(SHORTEST, LONGEST + 1)).toArray();
    }

    /** Mixed lengths in their order, cut into batches of at most {@link #BATCH_TOKENS} tokens. */
    public static List<int[]> mixedBatches(int batches) {
        int[] lengths = mixed(batches * (BATCH_TOKENS / SHORTEST));
        List<int[]> result = new ArrayList<>();
        int start = 0;
        int tokens = 0;
        for (int i = 0; result.size() < batches; i++) {
            if (tokens + lengths[i] > BATCH_TOKENS) {
                result.add(Arrays.copyOfRange(lengths, start, i));
                start = i;
                tokens = 0;
            }
            tokens += lengths[i];
        }
        return result;
    }

    /** Rows of these lengths, of ids from the whole vocabulary. */
    public static List<int[]> rows(ModelConfig config, int... lengths) {
        SplittableRandom random = new SplittableRandom(SEED);
        return Arrays.stream(lengths).mapToObj(length -> random.ints(length, 0, config.vocabSize()).toArray()).toList();
    }

    /** One batch of such rows. */
    public static RaggedBatch batch(ModelConfig config, int... lengths) {
        return RaggedBatch.of(rows(config, lengths));
    }
}
