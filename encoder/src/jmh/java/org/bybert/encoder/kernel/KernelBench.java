package org.bybert.encoder.kernel;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Presets;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Each kernel alone, on the sizes it has in a model: matrix products in operations and as a percentage of the peak of
 * the core, which is measured before and after every iteration; the others in values.
 *
 * <p>{@code -p preset=bybert-jp-400m}, {@code -p tokens=1,8}, {@code -p weights=bf16}; {@code -jvmArgsAppend
 * -Dbybert.kernels=vector-256} for another width.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = KernelChoice.VECTOR_FLAG)
@State(Scope.Thread)
public class KernelBench {

    private static final long SEED = 20250311;
    /** Keys of a block of attention, as in the encoder. */
    private static final int ATTENTION_KEYS = 240;

    @Param("bybert-jp-100m")
    public String preset;

    private ModelConfig config;
    private Kernels kernels;
    private int width;

    @Setup
    public void choose() {
        config = Presets.installed().of(preset).config();
        kernels = KernelChoice.kernels();
        width = kernels.shape().panel();
    }

    /**
     * What the calls of an iteration amount to, beside the peak of fused multiply-adds around it; both by the time on a
     * core, so that other work on the machine does not count.
     */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Rate {

        private static final int PEAK_CALLS = 1000;
        /** The JIT compiler compiles a method for good after some hundred calls, and then takes its time. */
        private static final int WARM_UP_PEAKS = 10;

        private final KernelChoice.Fma fma = KernelChoice.fma();

        @SuppressWarnings("unused")
        private float sink;

        private double peakBefore;
        private double peak;
        private double flops;
        private long calls;
        private long start;
        private double seconds;
        /** JMH adds up over the iterations of all forks what is meant as a mean. */
        private int iterations;

        @Setup
        public void warmUp() {
            for (int i = 0; i < WARM_UP_PEAKS; i++) {
                peak();
            }
        }

        @Setup(Level.Iteration)
        public void begin(BenchmarkParams run) {
            iterations = run.getMeasurement().getCount() * run.getForks();
            calls = 0;
            peakBefore = peak();
            start = nanosOnCore();
        }

        @TearDown(Level.Iteration)
        public void end() {
            seconds = (nanosOnCore() - start) / 1e9;
            peak = (peakBefore + peak()) / 2;
        }

        private double peak() {
            long from = nanosOnCore();
            for (int i = 0; i < PEAK_CALLS; i++) {
                sink += fma.run();
            }
            return PEAK_CALLS * fma.flops() / (nanosOnCore() - from);
        }

        private static long nanosOnCore() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }

        void count(double flopsOfACall) {
            flops = flopsOfACall;
            calls++;
        }

        /** 10⁹ operations a second. */
        public double gflops() {
            return calls * flops / seconds / 1e9 / iterations;
        }

        public double percentOfPeak() {
            return 100 * gflops() / peak;
        }
    }

    /** A matrix of the model times the tokens of a batch. */
    @State(Scope.Thread)
    public static class Product {

        @Param({"query key value", "output", "gate up", "down", "head"})
        public String matrix;

        @Param({"1", "8", "32", "128", "512"})
        public int tokens;

        @Param("f32")
        public String weights;

        private PackedMatrix w;
        private Panels x;
        private Panels y;
        private float[] scratch;

        @Setup
        public void fill(KernelBench bench) {
            ModelConfig config = bench.config;
            TileShape shape = bench.kernels.shape();
            int hidden = config.hiddenSize();
            int outputs = switch (matrix) {
                case "query key value" -> config.querySize() + 2 * config.keyValueSize();
                case "gate up" -> 2 * config.intermediateSize();
                case "head" -> config.vocabSize();
                default -> hidden;
            };
            int inputs = switch (matrix) {
                case "output" -> config.querySize();
                case "down" -> config.intermediateSize();
                default -> hidden;
            };
            SplittableRandom random = new SplittableRandom(SEED);
            w = PackedMatrix.of(
                    shape,
                    outputs,
                    inputs,
                    null,
                    weights.equals("bf16"),
                    (row, output) -> KernelBench.fill(random, row, 0, inputs));
            x = new Panels(shape, inputs);
            x.reserve(tokens);
            KernelBench.fill(random, x.data(), 0, x.data().length);
            y = new Panels(shape, outputs);
            y.reserve(tokens);
            scratch = new float[w.scratchSize()];
        }
    }

    @Benchmark
    public float[] product(Product p, Rate rate) {
        p.w.multiply(kernels, 0, p.w.groups(), p.x, 0, kernels.shape().panels(p.tokens), p.y, 0, 0, false, p.scratch);
        rate.count(2.0 * p.tokens * p.w.outputs() * p.w.inputs());
        return p.y.data();
    }

    /** One head's product for a panel of queries: its operands change from call to call and are not packed before. */
    @State(Scope.Thread)
    public static class AttentionProduct {

        @Param({"scores", "values"})
        public String step;

        private int outputs;
        private int inputs;
        private float[] w;
        private float[] x;
        private float[] y;

        @Setup
        public void fill(KernelBench bench) {
            TileShape shape = bench.kernels.shape();
            boolean scores = step.equals("scores");
            outputs = scores ? ATTENTION_KEYS : bench.config.headSize();
            inputs = scores ? bench.config.headSize() : ATTENTION_KEYS;
            w = random(shape.paddedOutputs(outputs) * inputs);
            x = random(Panels.ALIGNMENT + inputs * shape.panel());
            y = new float[Panels.ALIGNMENT + shape.paddedOutputs(outputs) * shape.panel()];
        }
    }

    @Benchmark
    public float[] attention(AttentionProduct p, Rate rate) {
        TileShape shape = kernels.shape();
        kernels.multiply(
                p.w,
                0,
                shape.outputs() * p.inputs,
                shape.groups(p.outputs),
                p.inputs,
                p.x,
                Panels.ALIGNMENT,
                0,
                1,
                p.y,
                Panels.ALIGNMENT,
                0,
                false);
        rate.count(2.0 * width * p.outputs * p.inputs);
        return p.y;
    }

    /** Operands of the kernels that are bound by loads and stores or by the exponential. */
    @State(Scope.Thread)
    public static class Panel {

        private float[] weight;
        private float[] x;
        private float[] gate;
        private float[] y;
        private float[] angles;
        private float[] state;
        private int group;

        @Setup
        public void fill(KernelBench bench) {
            TileShape shape = bench.kernels.shape();
            int width = shape.panel();
            int half = bench.config.headSize() / 2;
            group = PackedMatrix.groupsAtOnce(shape) / 2 * shape.outputs();
            weight = random(bench.config.hiddenSize());
            x = random(Panels.ALIGNMENT + Math.max(Math.max(weight.length, group), ATTENTION_KEYS) * width);
            gate = random(x.length);
            y = new float[x.length];
            // A turn by the same angle for ever keeps the size of what it turns.
            angles = new float[Panels.ALIGNMENT + 2 * half * width];
            Arrays.fill(angles, 0, Panels.ALIGNMENT + half * width, 0.6f);
            Arrays.fill(angles, Panels.ALIGNMENT + half * width, angles.length, 0.8f);
            state = new float[4 * width];
        }
    }

    @Benchmark
    public float[] rmsNorm(Panel p) {
        kernels.rmsNorm(
                p.x, Panels.ALIGNMENT, p.weight.length, p.weight, config.rmsNormEpsilon(), p.y, Panels.ALIGNMENT);
        return p.y;
    }

    @Benchmark
    public float[] rotate(Panel p) {
        kernels.rotate(p.x, Panels.ALIGNMENT, config.headSize() / 2, p.angles, Panels.ALIGNMENT, 1);
        return p.x;
    }

    @Benchmark
    public float[] swiGlu(Panel p) {
        kernels.swiGlu(p.gate, Panels.ALIGNMENT, p.x, Panels.ALIGNMENT, p.y, Panels.ALIGNMENT, p.group * width);
        return p.y;
    }

    @Benchmark
    public float[] softmax(Panel p) {
        Arrays.fill(p.state, 0, width, Float.NEGATIVE_INFINITY);
        kernels.softmax(p.x, Panels.ALIGNMENT, ATTENTION_KEYS, p.state, 0);
        return p.x;
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
