package org.bybert.job.bench;

import java.util.List;
import java.util.concurrent.Callable;
import org.bybert.encoder.bench.BenchReport;
import org.bybert.encoder.bench.KernelBench;
import org.bybert.encoder.kernel.Kernels;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench kernels}. */
@Command(name = "kernels",
        description = {
            "Measures each kernel alone on the sizes it has in the model: matrix products in GFLOP/s and as a fraction "
                + "of the core's peak of fused multiply-adds, the others in values per second.",
            ""},
        sortOptions = false,
        footer = {"", "Example: bybert bench kernels --preset bybert-jp-400m --rows 128 --kernels vector-256"})
final class KernelsBenchCommand implements Callable<Integer> {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--rows", paramLabel = "N", split = ",", defaultValue = "1,8,32,128,512",
            description = "Tokens that the matrix products are measured with (default: ${DEFAULT-VALUE}).")
    private List<String> rows;

    @Mixin
    private BenchOptions options;

    @Override
    public Integer call() {
        BenchReport baseline = options.baseline();
        List<Integer> numbers = BenchOptions.positive("--rows", rows);
        Kernels kernels = options.kernels();
        BenchReport report = new KernelBench(options.modelName(), options.config(), kernels, options.weights(), numbers,
                options.pace()).run();
        options.finish(report, baseline, spec.commandLine().getOut());
        return CommandLine.ExitCode.OK;
    }
}
