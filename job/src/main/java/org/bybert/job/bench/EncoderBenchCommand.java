package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.job.model.RandomModel;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.UserError;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/** Options of {@code bybert bench encoder}. */
@Command(name = "encoder",
        description = {
            "Measures the whole encoder, the head at every position included, by length of the input: tokens/s, "
                + "GFLOP/s and the fraction of the core's peak of fused multiply-adds, measured in the same run.",
            ""},
        sortOptions = false,
        footer = {"", "Example: bybert bench encoder --layers 3 --profile --threads 2 --out now.json --against "
            + "then.json"})
final class EncoderBenchCommand implements Callable<Integer> {

    private static final String MIXED = "mixed";

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--lengths", paramLabel = "N", split = ",", defaultValue = "32,128,512,3072,mixed",
            description = "Tokens of the one sequence in the input, or mixed: sentences of 8 to 200 bytes in ragged "
                + "batches of at most 2,048 tokens (default: ${DEFAULT-VALUE}).")
    private List<String> lengths;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "1",
            description = "Measures also N threads that share the model, as a multiple of one, beside the multiple "
                + "that the machine's multiply-adds reach.")
    private int threads;

    @Option(names = "--profile", description = "Shows where the time goes.")
    private boolean profile;

    @Option(names = "--cold", description = "Measures only fresh JVMs, with and without the warm-up of the kernels.")
    private boolean cold;

    @Option(names = "--starts", paramLabel = "N", defaultValue = "3",
            description = "With --cold: fresh JVMs of each kind (default: ${DEFAULT-VALUE}).")
    private int starts;

    @Option(names = "--cold-seconds", paramLabel = "S", defaultValue = "15",
            description = "With --cold: how long each answers rows (default: ${DEFAULT-VALUE}).")
    private double coldSeconds;

    @Mixin
    private BenchOptions options;

    @Override
    public Integer call() throws IOException {
        BenchReport baseline = options.baseline();
        options.finish(cold ? coldStarts() : bench(), baseline, spec.commandLine().getOut());
        return CommandLine.ExitCode.OK;
    }

    private BenchReport bench() {
        if (threads < 1) {
            throw new UserError("--threads: expected 1 or more, found " + threads);
        }
        List<Integer> numbers = BenchOptions.positive("--lengths",
                lengths.stream().filter(length -> !length.equals(MIXED)).toList());
        Kernels kernels = options.kernels();
        ModelConfig config = options.config();
        WeightFormat format = options.weights();
        Transformer transformer = Transformer.load(config, options.source(), kernels, format);
        return new EncoderBench(options.modelName(), transformer, format, numbers, lengths.contains(MIXED),
                options.pace()).run(threads, profile);
    }

    private BenchReport coldStarts() throws IOException {
        if (starts < 1 || !(coldSeconds > 0)) {
            throw new UserError("--starts, --cold-seconds: expected positive numbers, found " + starts + ", "
                    + coldSeconds);
        }
        String kernels = options.kernels().name();
        if (options.model() != null) {
            if (options.isAltered()) {
                throw new UserError("--layers, --weights: with --cold a checkpoint is opened as it is; leave them out");
            }
            ModelConfig config = ByBert.check(options.model(), Map.of()).config();
            return report(config, kernels, options.model());
        }
        Path folder = Files.createTempDirectory("bybert-bench-");
        try {
            ModelConfig config = options.config();
            new RandomModel(options.modelName(), config, options.preset().queryKeyValueBias(), "utf-8",
                    BenchOptions.SEED, Dtype.valueOf(options.weights().name())).write(folder);
            return report(config, kernels, folder);
        } finally {
            RandomModel.delete(folder);
        }
    }

    private BenchReport report(ModelConfig config, String kernels, Path folder) throws IOException {
        List<ColdStart> results = ColdStarts.measure(folder, options.forcedKernels(), starts, coldSeconds);
        return BenchReport.ofColdStarts(options.modelName(), config.layers(), kernels, options.weights().name(),
                results);
    }
}
