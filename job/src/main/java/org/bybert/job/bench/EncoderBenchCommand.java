package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.WeightSource;
import org.bybert.encoder.error.ModelException;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.terminal.UserError;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench encoder}. */
@Command(
        name = "encoder",
        description = {
            "Measures the whole encoder, the head at every position included, by length of the input: tokens/s, "
                    + "GFLOP/s and the fraction of the core's peak of fused multiply-adds, measured in the same run.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "Example: bybert bench encoder --layers 3 --profile --threads 2 --out now.json --against " + "then.json"
        })
final class EncoderBenchCommand implements Callable<Integer> {

    private static final String MIXED = "mixed";
    private static final long SEED = 20250311;
    private static final double WARM_UP_SECONDS = 3;

    @Option(
            names = "--lengths",
            paramLabel = "N",
            split = ",",
            defaultValue = "32,128,512,3072,mixed",
            description = "Tokens of the one sequence in the input, or mixed: sentences of 8 to 200 bytes in ragged "
                    + "batches of at most 2,048 tokens (default: ${DEFAULT-VALUE}).")
    private List<String> lengths;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "1",
            description = "Measures also N threads that share the model, as a multiple of one, beside the multiple "
                    + "that the machine's multiply-adds reach.")
    private int threads;

    @Option(names = "--profile", description = "Shows where the time goes.")
    private boolean profile;

    @Option(names = "--cold", description = "Measures only fresh JVMs, with and without the warm-up of the kernels.")
    private boolean cold;

    @Option(
            names = "--starts",
            paramLabel = "N",
            defaultValue = "3",
            description = "With --cold: fresh JVMs of each kind (default: ${DEFAULT-VALUE}).")
    private int starts;

    @Option(
            names = "--cold-seconds",
            paramLabel = "S",
            defaultValue = "15",
            description = "With --cold: how long each answers rows (default: ${DEFAULT-VALUE}).")
    private double coldSeconds;

    @Mixin
    private BenchCommand.Shape shape;

    @Option(names = "--model", paramLabel = "DIR", description = "Measures the checkpoint in this folder instead.")
    private Path model;

    @Option(
            names = "--kernels",
            paramLabel = "NAME",
            description = "Forces scalar, vector-128, vector-256 or vector-512 (default: what Spark would use here).")
    private String kernels;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            description = "How matrices are held in memory: f32 or bf16 (default: as the checkpoint; f32 for random "
                    + "weights).")
    private WeightFormat weights;

    @Mixin
    private BenchCommand.Pacing pacing;

    @Mixin
    private BenchCommand.Output output;

    @Option(
            names = "--against",
            paramLabel = "FILE",
            description = "JSON of an earlier run with --out; its ratios are printed too.")
    private Path against;

    @Override
    public Integer call() throws IOException, InterruptedException {
        BenchReport baseline = baseline();
        BenchReport report = cold ? coldStarts() : bench();
        String compared = baseline == null ? "" : ReportText.against(report, baseline);
        output.give(ReportText.of(report) + compared, report);
        return CommandLine.ExitCode.OK;
    }

    /** Read before anything is measured, so that a wrong file costs no time. */
    private BenchReport baseline() {
        output.check();
        try {
            return against == null ? null : BenchReport.read(against);
        } catch (IOException e) {
            throw new UserError("--against " + against + ": expected a file written with --out: " + e.getMessage(), e);
        }
    }

    private BenchReport bench() {
        if (threads < 1) {
            throw BenchCommand.wrong("--threads: expected 1 or more, found " + threads);
        }
        List<Integer> numbers = lengths.stream()
                .filter(length -> !length.equals(MIXED))
                .map(EncoderBenchCommand::positive)
                .sorted()
                .toList();
        Rounds.Pace pace = pacing.pace(WARM_UP_SECONDS);
        Kernels chosen = kernels();
        WeightSource source = model == null ? random(Dtype.F32) : Checkpoint.open(model);
        Transformer transformer = Transformer.load(config(), source, chosen, format());
        return new EncoderBench(modelName(), transformer, format(), numbers, lengths.contains(MIXED), pace)
                .run(threads, profile);
    }

    private static Integer positive(String value) {
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw BenchCommand.wrong("--lengths: expected numbers of 1 to 999999, found \"" + value + '"');
        }
        return Integer.valueOf(value);
    }

    /** Called first, as the choice holds for the whole JVM. */
    private Kernels kernels() {
        if (kernels == null) {
            return KernelChoice.kernels();
        }
        System.setProperty(KernelChoice.PROPERTY, kernels);
        try {
            return KernelChoice.kernels();
        } catch (ModelException e) {
            throw BenchCommand.wrong("--kernels: " + e.getMessage());
        }
    }

    private String modelName() {
        return model == null ? shape.preset().id() : model.toString();
    }

    private ModelConfig config() {
        ModelConfig whole = model == null
                ? shape.preset().config()
                : ByBert.check(model, Map.of()).config();
        return shape.cut(whole, whole.layers());
    }

    private RandomModel random(Dtype dtype) {
        return new RandomModel(modelName(), config(), shape.preset().queryKeyValueBias(), "utf-8", SEED, dtype);
    }

    private WeightFormat format() {
        if (weights != null) {
            return weights;
        }
        return model == null
                ? WeightFormat.F32
                : WeightFormat.of(Checkpoint.open(model).dtypes());
    }

    private BenchReport coldStarts() throws IOException, InterruptedException {
        if (starts < 1 || !(coldSeconds > 0)) {
            throw BenchCommand.wrong(
                    "--starts, --cold-seconds: expected positive numbers, found " + starts + ", " + coldSeconds);
        }
        if (model != null && (shape.layers != null || weights != null)) {
            throw BenchCommand.wrong(
                    "--layers, --weights: with --cold a checkpoint is opened as it is; leave them out");
        }
        String name = kernels().name();
        ModelConfig config = config();
        Path folder = Files.createTempDirectory("bybert-bench-");
        try {
            if (model == null) {
                random(Dtype.valueOf(format().name())).write(folder);
            }
            return new BenchReport(
                    "encoder",
                    Machine.here(),
                    modelName(),
                    config.layers(),
                    name,
                    format().name(),
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    ColdStarts.measure(model == null ? folder : model, starts, coldSeconds));
        } finally {
            FileUtil.fullyDelete(folder.toFile());
        }
    }
}
