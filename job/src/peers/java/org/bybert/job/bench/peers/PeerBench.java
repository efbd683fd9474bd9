package org.bybert.job.bench.peers;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.bench.Inputs;
import org.bybert.job.bench.RandomModel;
import org.bybert.job.bench.Rounds;
import org.bybert.job.bench.Rounds.Pace;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The same checkpoint and texts in this encoder and in ONNX Runtime, one thread each; encoder/PERFORMANCE.md. */
@Command(
        name = "peers",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares the encoder with ONNX Runtime on the same weights: agreement first, then speed.")
public final class PeerBench implements Callable<Integer> {

    /** Largest difference of a logit between the engines in single precision. */
    private static final double AGREEMENT = 1e-3;

    private static final long SEED = 20250311;

    @Option(
            names = "--preset",
            defaultValue = "bybert-jp-100m",
            description = "Shape, with random weights (default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(names = "--model", paramLabel = "DIR", description = "A checkpoint instead.")
    private Path model;

    @Option(names = "--layers", paramLabel = "N", description = "Cuts the model to its first N layers.")
    private Integer layers;

    @Option(
            names = "--lengths",
            split = ",",
            defaultValue = "32,128,512,2048",
            description = "Tokens of the one sequence in the input (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "256",
            description = "Mixed sentences; 0 leaves them out (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(
            names = "--texts",
            paramLabel = "FILE",
            description = "Takes the mixed sentences from here, .jsonl with a field text or a text per "
                    + "line, instead of random ids.")
    private Path texts;

    @Option(names = "--rounds", defaultValue = "5", description = "For fixed lengths (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--mixed-rounds",
            defaultValue = "2",
            description = "For mixed sentences (default: ${DEFAULT-VALUE}).")
    private int mixedRounds;

    @Option(
            names = "--seconds",
            defaultValue = "0.5",
            description = "Each measurement in a round lasts at least this long (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "3",
            description = "Seconds each runs before the first round (default: ${DEFAULT-VALUE}).")
    private double warmUp;

    public static void main(String[] args) {
        System.exit(new CommandLine(new PeerBench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("bybert-peers-");
        try {
            return compare(folder);
        } finally {
            delete(folder);
        }
    }

    private int compare(Path folder) throws Exception {
        Preset known = Presets.installed().of(preset);
        ModelConfig config =
                model == null ? known.config() : ByBert.check(model, Map.of()).config();
        config = layers == null ? config : config.with(layers, config.ropeTheta());
        Path checkpointFolder = model == null ? folder : model;
        if (model == null) {
            checkpointFolder = folder.resolve(preset);
            new RandomModel(preset, config, known.queryKeyValueBias(), "utf-8", SEED, Dtype.F32)
                    .write(checkpointFolder);
        }
        Checkpoint checkpoint = Checkpoint.open(checkpointFolder);
        Transformer transformer =
                Transformer.load(config, checkpoint, KernelChoice.kernels(), WeightFormat.of(checkpoint.dtypes()));
        for (Projection projection : Projection.values()) {
            EncoderGraph.write(config, checkpoint, projection, folder.resolve(projection + ".onnx"));
        }
        print(
                "%s, %d layers, kernels %s, Java %s; ONNX Runtime %s, one thread, int8 weights up to %d%n",
                model == null ? preset : model.toString(),
                config.layers(),
                transformer.kernels().name(),
                System.getProperty("java.vm.version"),
                OrtEnvironment.getEnvironment().getVersion(),
                Int8Range.LARGEST);
        try (OrtEngine fp32 = new OrtEngine(folder.resolve(Projection.FP32 + ".onnx"));
                OrtEngine int8 = new OrtEngine(folder.resolve(Projection.INT8 + ".onnx"))) {
            List<int[]> mixed = texts == null
                    ? Inputs.rows(config, Inputs.mixed(Math.max(rows, 1)))
                    : Texts.read(texts, rows, checkpointFolder, config);
            boolean agrees = agrees(new Agreement(transformer), mixed, fp32, int8);
            Rounds measured = new Rounds(new Pace(rounds, seconds, warmUp));
            new FixedLengths(transformer, fp32, int8).print(lengths, measured);
            if (rows > 0) {
                new MixedCorpus(transformer, fp32, int8).print(mixed, measured, mixedRounds);
            }
            return agrees ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
    }

    private boolean agrees(Agreement agreement, List<int[]> mixed, OrtEngine fp32, OrtEngine int8) {
        List<List<int[]>> inputs = new ArrayList<>();
        lengths.forEach(length -> inputs.add(Inputs.rows(agreement.config(), length)));
        inputs.add(mixed.subList(0, Math.min(MixedCorpus.BATCH_ROWS, mixed.size())));
        boolean agrees = true;
        for (List<int[]> input : inputs) {
            Agreement.Result single = agreement.of(input, fp32);
            Agreement.Result quantised = agreement.of(input, int8);
            agrees &= single.largestDifference() <= AGREEMENT;
            print(
                    "%,6d tokens in %2d rows: fp32 logits differ by at most %.1e, argmax equal %.2f %%; "
                            + "int8 argmax equal %.2f %%%n",
                    input.stream().mapToInt(row -> row.length).sum(),
                    input.size(),
                    single.largestDifference(),
                    100 * single.argmax(),
                    100 * quantised.argmax());
        }
        if (!agrees) {
            print("FAILED: the logits should differ by at most %.0e%n", AGREEMENT);
        }
        return agrees;
    }

    static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
