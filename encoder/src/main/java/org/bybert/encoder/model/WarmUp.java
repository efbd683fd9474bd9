package org.bybert.encoder.model;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.Kernels;

/**
 * Runs a tiny model until the JIT compiler has compiled the kernels, so that no real row pays for it: until then the
 * Vector API allocates an object per operation and is a hundred times slower. Works in the calling thread; a
 * call ends after {@link #MOST_NANOS} whatever has been reached, and after {@link #CALLS} calls it is done for this JVM:
 * on a slow machine no run may ever look compiled.
 *
 * <p>The system property {@value #PROPERTY} {@code =false} turns it off, for measurements.
 */
public final class WarmUp {

    public static final String PROPERTY = "bybert.warm-up";

    private static final long MOST_NANOS = 600_000_000L;
    /** Compiled, a run takes well under this; with one kernel not compiled it takes several times as much. */
    private static final long COMPILED_NANOS = 400_000L;

    private static final int FAST_RUNS = 20;
    /** Before and after a model's weights are read. */
    private static final int CALLS = 2;
    /** Large enough for every loop of a kernel to turn often, as the JIT compiler's profile should say. */
    private static final ModelConfig CONFIG =
            new ModelConfig(48, 48, 48, 2, 2, 1, 24, 1e-6f, 10000, 64, false, false, false);

    private static final Map<String, WarmUp> DONE = new ConcurrentHashMap<>();

    private final Transformer transformer;
    private final Workspace work;
    private final float[] logits = new float[2 * CONFIG.vocabSize()];
    /** Two rows, of which the second begins within a panel. */
    private final RaggedBatch batch = RaggedBatch.of(List.of(new int[19], new int[21]));

    private boolean compiled;
    private int calls;

    private WarmUp(Kernels kernels, WeightFormat format) {
        transformer = Transformer.load(CONFIG, new TensorShapes(false), kernels, format);
        work = transformer.newWorkspace();
    }

    /** Warms these kernels up unless that has been done in this JVM; a second call goes on where the first ended. */
    public static void run(Kernels kernels, WeightFormat format) {
        if (!"false".equals(System.getProperty(PROPERTY))) {
            DONE.computeIfAbsent(kernels.name() + format, key -> new WarmUp(kernels, format))
                    .run();
        }
    }

    private synchronized void run() {
        if (calls++ >= CALLS) {
            return;
        }
        long start = System.nanoTime();
        long before = start;
        for (int fast = 0; !compiled && before - start < MOST_NANOS; ) {
            transformer.run(batch, null, work);
            transformer.run(batch, new int[] {3, 30}, work);
            transformer.logits(work, new int[] {3, 30}, 0, 2, logits);
            long now = System.nanoTime();
            fast = now - before < COMPILED_NANOS ? fast + 1 : 0;
            compiled = fast == FAST_RUNS;
            before = now;
        }
    }
}
