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
import org.bybert.encoder.kernel.Panels;
import org.bybert.encoder.model.WeightFormat;

/** Measures each kernel alone, on the sizes it has in a model. */
public final class KernelBench {

    private static final long SEED = 20250311;
    /** Keys of a block of attention, as in the encoder. */
    private static final int ATTENTION_KEYS = 240;

    private final String model;
    private final ModelConfig config;
    private final Kernels kernels;
    private final WeightFormat format;
    private final List<Integer> rows;
    private final Pace pace;

    /**
     * @param model for the report: preset or folder
     * @param rows  tokens the products are measured with, smallest first
     */
    public KernelBench(String model, ModelConfig config, Kernels kernels, WeightFormat format, List<Integer> rows,
                       Pace pace) {
        this.model = model;
        this.config = config;
        this.kernels = kernels;
        this.format = format;
        this.rows = rows;
        this.pace = pace;
    }

    public BenchReport run() {
        Rounds rounds = new Rounds(Fma.ofThisJvm(), pace);
        List<Measurement> measurements = rounds.measure(workloads());
        return new BenchReport("kernels", Machine.here(), model, config.layers(), kernels.name(), format.name(),
                rounds.peaks(), measurements, List.of(), List.of(), List.of());
    }

    private List<Workload> workloads() {
        int hidden = config.hiddenSize();
        List<Workload> workloads = new ArrayList<>();
        for (int n : rows) {
            List<Workload> layer = List.of(
                    product("query key value", n, config.querySize() + 2 * config.keyValueSize(), hidden),
                    product("output", n, hidden, config.querySize()),
                    product("gate up", n, 2 * config.intermediateSize(), hidden),
                    product("down", n, hidden, config.intermediateSize()));
            workloads.addAll(layer);
            workloads.add(oneAfterTheOther("products of a layer × " + n, n, layer));
            workloads.add(product("head", n, config.vocabSize(), hidden));
        }
        workloads.add(attentionProduct("scores", ATTENTION_KEYS, config.headSize()));
        workloads.add(attentionProduct("values", config.headSize(), ATTENTION_KEYS));
        workloads.addAll(panelKernels());
        return workloads;
    }

    private Workload product(String name, int n, int outputs, int inputs) {
        Supplier<Runnable> newThread = () -> {
            SplittableRandom random = new SplittableRandom(SEED);
            PackedMatrix w = PackedMatrix.of(kernels.shape(), outputs, inputs, null, format == WeightFormat.BF16,
                    (output, out, at) -> fill(random, out, at, inputs));
            Panels x = new Panels(kernels.shape(), inputs);
            x.reserve(n);
            fill(random, x.data(), 0, x.data().length);
            Panels y = new Panels(kernels.shape(), outputs);
            y.reserve(n);
            float[] scratch = new float[w.scratchSize()];
            int panels = kernels.shape().panels(n);
            return () -> w.multiply(kernels, 0, w.groups(), x, 0, panels, y, 0, 0, false, scratch);
        };
        return new Workload(name + " × " + n, n, 2.0 * n * outputs * inputs, newThread);
    }

    private static Workload oneAfterTheOther(String name, int n, List<Workload> workloads) {
        return new Workload(name, n, workloads.stream().mapToDouble(Workload::flops).sum(), () -> {
            Runnable[] calls = workloads.stream().map(w -> w.newThread().get()).toArray(Runnable[]::new);
            return () -> {
                for (Runnable call : calls) {
                    call.run();
                }
            };
        });
    }

    /** One head's product for a panel of queries: its operands change from call to call and are not packed before. */
    private Workload attentionProduct(String name, int outputs, int inputs) {
        int queries = kernels.shape().panel();
        int groups = kernels.shape().groups(outputs);
        int groupSize = kernels.shape().outputs() * inputs;
        Supplier<Runnable> newThread = () -> {
            float[] w = random(groups * groupSize);
            float[] x = random(Panels.ALIGNMENT + inputs * queries);
            float[] y = new float[Panels.ALIGNMENT + kernels.shape().paddedOutputs(outputs) * queries];
            return () -> kernels.multiply(w, 0, groupSize, groups, inputs, x, Panels.ALIGNMENT, 0, 1,
                    y, Panels.ALIGNMENT, 0, false);
        };
        return new Workload(name + " × " + queries, queries, 2.0 * queries * outputs * inputs, newThread);
    }

    /** Kernels that are bound by loads and stores or by the exponential: rated in values per second. */
    private List<Workload> panelKernels() {
        int width = kernels.shape().panel();
        int hidden = config.hiddenSize();
        int group = PackedMatrix.groupsAtOnce(kernels.shape()) / 2 * kernels.shape().outputs();
        int half = config.headSize() / 2;
        float[] weight = random(hidden);
        float[] y = new float[Panels.ALIGNMENT + Math.max(hidden, group) * width];
        float[] gate = random(y.length);
        // A turn by the same angle for ever keeps the size of what it turns.
        float[] angles = new float[Panels.ALIGNMENT + 2 * half * width];
        Arrays.fill(angles, 0, Panels.ALIGNMENT + half * width, 0.6f);
        Arrays.fill(angles, Panels.ALIGNMENT + half * width, angles.length, 0.8f);
        float[] state = new float[4 * width];
        return List.of(
                panelKernel("rms norm", hidden, x -> kernels.rmsNorm(x, Panels.ALIGNMENT, hidden, weight,
                        config.rmsNormEpsilon(), y, Panels.ALIGNMENT)),
                panelKernel("rotate", 2 * half, x -> kernels.rotate(x, Panels.ALIGNMENT, half, angles,
                        Panels.ALIGNMENT, 1)),
                panelKernel("swiglu", group, x -> kernels.swiGlu(gate, Panels.ALIGNMENT, x, Panels.ALIGNMENT,
                        y, Panels.ALIGNMENT, group * width)),
                panelKernel("softmax", ATTENTION_KEYS, x -> {
                    Arrays.fill(state, 0, width, Float.NEGATIVE_INFINITY);
                    kernels.softmax(x, Panels.ALIGNMENT, ATTENTION_KEYS, state, 0);
                }));
    }

    private interface PanelKernel {
        void apply(float[] panel);
    }

    private Workload panelKernel(String name, int features, PanelKernel kernel) {
        int values = features * kernels.shape().panel();
        return new Workload(name + ", values", values, 0, () -> {
            float[] x = random(Panels.ALIGNMENT + values);
            return () -> kernel.apply(x);
        });
    }

    private static float[] random(int n) {
        float[] values = new float[n];
        fill(new SplittableRandom(SEED), values, 0, n);
        return values;
    }

    private static void fill(SplittableRandom random, float[] values, int at, int n) {
        for (int i = at; i < at + n; i++) {
            values[i] = (float) random.nextDouble() - 0.5f;
        }
    }
}
