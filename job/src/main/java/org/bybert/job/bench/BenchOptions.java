package org.bybert.job.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.model.RandomWeights;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.UserError;
import picocli.CommandLine.Option;

/** Options that all benchmarks share. */
final class BenchOptions {

    static final long SEED = 20250311;

    @Option(names = "--preset", paramLabel = "NAME", defaultValue = "bybert-jp-100m",
            description = "Shape to measure, with random weights: bybert-jp-100m, -200m, -400m or -v2-100m "
                + "(default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(names = "--model", paramLabel = "DIR", description = "Measures the checkpoint in this folder instead.")
    private Path model;

    @Option(names = "--layers", paramLabel = "N", description = "Cuts the model to its first N layers.")
    private Integer layers;

    @Option(names = "--kernels", paramLabel = "NAME",
            description = "Forces scalar, vector-128, vector-256 or vector-512 (default: what Spark would use here).")
    private String kernels;

    @Option(names = "--weights", paramLabel = "FORMAT",
            description = "How matrices are held in memory: f32 or bf16 (default: as the checkpoint; f32 for random "
                + "weights).")
    private WeightFormat weights;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5",
            description = "Rounds in which everything is measured in turn (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "0.3",
            description = "Each measurement in a round lasts at least this long (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--warm-up", paramLabel = "S", defaultValue = "3",
            description = "Before the first round each runs this long, for the JIT compiler (default: "
                + "${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(names = "--out", paramLabel = "FILE", description = "Receives the figures as JSON.")
    private Path out;

    @Option(names = "--against", paramLabel = "FILE",
            description = "JSON of an earlier run with --out; its ratios are printed too.")
    private Path against;

    Pace pace() {
        try {
            return new Pace(rounds, seconds, warmUp);
        } catch (IllegalArgumentException e) {
            throw new UserError("--rounds, --seconds, --warm-up: " + e.getMessage(), e);
        }
    }

    /** The model folder, or null where a preset is measured. */
    Path model() {
        return model;
    }

    /** What the report calls the model. */
    String modelName() {
        return model == null ? preset().id() : model.toString();
    }

    Preset preset() {
        try {
            return Preset.of(preset);
        } catch (ModelException e) {
            throw new UserError("--" + e.getMessage(), e);
        }
    }

    /** The shape to measure, with the layers that were asked for. */
    ModelConfig config() {
        ModelConfig config = model == null ? preset().config() : ByBert.check(model, Map.of()).config();
        if (layers == null) {
            return config;
        }
        if (layers < 1 || layers > config.layers()) {
            throw new UserError("--layers: expected 1 to " + config.layers() + ", found " + layers);
        }
        return config.withLayers(layers);
    }

    /** How matrices are held: as was asked for, else as fits the checkpoint. */
    WeightFormat weights() {
        if (weights != null) {
            return weights;
        }
        return model == null ? WeightFormat.F32 : WeightFormat.of(Checkpoint.open(model).dtypes());
    }

    /** The weights to measure with. */
    WeightSource source() {
        return model == null ? new RandomWeights(SEED, Dtype.F32, preset().queryKeyValueBias()) : Checkpoint.open(model);
    }

    /** Whether the model is to be measured other than its folder has it. */
    boolean isAltered() {
        return layers != null || weights != null;
    }

    /** Value of the system property that forces the kernels, or null. */
    String forcedKernels() {
        return kernels;
    }

    /** The kernels to measure; called first, as the choice holds for the whole JVM. */
    Kernels kernels() {
        if (kernels != null) {
            System.setProperty(KernelChoice.PROPERTY, kernels);
        }
        return KernelChoice.kernels();
    }

    /** Reads {@code --against} before anything is measured, so that a wrong file costs no time. */
    BenchReport baseline() {
        if (against == null) {
            return null;
        }
        try {
            return BenchReport.read(against);
        } catch (IOException e) {
            throw new UserError("--against " + against + ": expected a file written with --out: " + e.getMessage(), e);
        }
    }

    void finish(BenchReport report, BenchReport baseline, PrintWriter terminal) {
        terminal.print(ReportText.of(report));
        if (baseline != null) {
            terminal.print(ReportText.against(report, baseline));
        }
        terminal.flush();
        if (out == null) {
            return;
        }
        try {
            Files.writeString(out, report.toJson() + '\n');
        } catch (IOException e) {
            throw new UserError("--out " + out + ": cannot be written: " + e, e);
        }
    }

    /** Numbers from 1 up, e.g. {@code 32,128}. */
    static List<Integer> positive(String option, List<String> values) {
        return values.stream().map(value -> {
            if (!value.matches("[1-9][0-9]{0,5}")) {
                throw new UserError(option + ": expected numbers of 1 to 999999, found \"" + value + '"');
            }
            return Integer.valueOf(value);
        }).sorted().toList();
    }
}
