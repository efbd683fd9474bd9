package org.bybert.encoder.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.kernel.Fma;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.PackedMatrix;

/** Measures each kernel alone, on the sizes it has in a model. */
public final class KernelBench {

    private static final long SEED = 20250311;
    /** Keys of a block of attention and queries of a tile, as in the encoder. */
    private static final int ATTENTION_KEYS = 192;
    private static final int ATTENTION_QUERIES = 32;

    private final String model;
    private final ModelConfig config;
    private final Kernels kernels;
    private final List<Integer> rows;
    private final Pace pace;

    /**
     * @param model for the report: preset or folder
     * @param rows  tokens the products are measured with, smallest first
     */
    public KernelBench(String model, ModelConfig config, Kernels kernels, List<Integer> rows, Pace pace) {
        this.model = model;
        this.config = config;
        this.kernels = kernels;
        this.rows = rows;
        this.pace = pace;
    }

    public BenchReport run() {
        Rounds rounds = new Rounds(Fma.ofThisJvm(), pace);
        List<Measurement> measurements = rounds.measure(workloads());
        return new BenchReport("kernels", Machine.here(), model, config.layers(), kernels.name(), rounds.peaks(),
                measurements, List.of(), List.of(), List.of());
    }

    private List<Workload> workloads() {
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        List<Workload> workloads = new ArrayList<>();
        for (int n : rows) {
            workloads.add(product("query key value", n, config.querySize() + 2 * config.keyValueSize(), hidden));
            workloads.add(product("output", n, hidden, config.querySize()));
            workloads.add(product("gate up", n, 2 * intermediate, hidden));
            workloads.add(product("down", n, hidden, intermediate));
            workloads.add(product("head", n, config.vocabSize(), hidden));
        }
        workloads.add(product("scores", ATTENTION_QUERIES, ATTENTION_KEYS, config.headSize()));
        workloads.add(product("values", ATTENTION_QUERIES, config.headSize(), ATTENTION_KEYS));
        float[] weight = random(hidden);
        float[] normed = new float[hidden];
        workloads.add(elementwise("rms norm", hidden, x ->
                kernels.rmsNorm(x, 0, hidden, weight, config.rmsNormEpsilon(), normed, 0)));
        int half = config.headSize() / 2;
        float[] cosines = filled(half, 0.6f);
        float[] sines = filled(half, 0.8f);
        workloads.add(elementwise("rotate", config.headSize(), x ->
                kernels.rotate(x, 0, half, cosines, sines, 0, 1)));
        // Applied to its own result, the activation would soon reach denormal numbers.
        float[] gate = random(intermediate);
        float[] up = random(intermediate);
        workloads.add(elementwise("copy and swiglu", intermediate, x -> {
            System.arraycopy(gate, 0, x, 0, intermediate);
            kernels.swiGlu(x, 0, up, 0, intermediate);
        }));
        workloads.add(elementwise("exp", ATTENTION_KEYS, x -> kernels.expShifted(x, 0, ATTENTION_KEYS, 1)));
        workloads.add(elementwise("max", ATTENTION_KEYS, x -> kernels.max(x, 0, ATTENTION_KEYS)));
        return workloads;
    }

    private Workload product(String name, int n, int outputs, int inputs) {
        Supplier<Runnable> newThread = () -> {
            SplittableRandom random = new SplittableRandom(SEED);
            PackedMatrix w = PackedMatrix.of(kernels.panelWidths(), outputs, inputs, null, (output, out, at) -> {
                for (int i = 0; i < inputs; i++) {
                    out[at + i] = (float) random.nextDouble() - 0.5f;
                }
            });
            float[] x = random(n * inputs);
            float[] y = new float[n * outputs];
            return () -> kernels.multiply(x, 0, inputs, n, w, y, 0, outputs, false);
        };
        return new Workload(name + " × " + n, n, 2.0 * n * outputs * inputs, newThread);
    }

    private interface InPlace {
        void apply(float[] x);
    }

    /** A kernel that is bound by loads and stores rather than by arithmetic: rated in values per second. */
    private Workload elementwise(String name, int n, InPlace kernel) {
        return new Workload(name + ", values", n, 0, () -> {
            float[] x = random(n);
            return () -> kernel.apply(x);
        });
    }

    private static float[] filled(int n, float value) {
        float[] values = new float[n];
        Arrays.fill(values, value);
        return values;
    }

    private static float[] random(int n) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextDouble() - 0.5f;
        }
        return values;
    }
}
