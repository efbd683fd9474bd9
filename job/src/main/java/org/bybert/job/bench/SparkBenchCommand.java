package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.model.RandomModel;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine;

/** Options of {@code bybert bench spark}. */
@Command(name = "spark",
        description = {
            "Measures what Spark adds to the encoder: bytes per second of the same sentences (8 to 200 bytes) by the "
                + "encoder alone, by Spark with one task slot and with two, in rounds; and that an executor holds one "
                + "copy of the weights whatever its slots.",
            ""},
        sortOptions = false,
        footer = {"",
            "The defaults take about a quarter of an hour. The whole shape: bybert bench spark --layers 12 --rows 1000"})
public final class SparkBenchCommand implements Callable<Integer> {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--preset", paramLabel = "NAME", defaultValue = "bybert-jp-100m",
            description = "Shape to measure, with random weights: bybert-jp-100m, -200m, -400m or -v2-100m "
                + "(default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(names = "--layers", paramLabel = "N", defaultValue = "1",
            description = "Cuts the model to its first N layers (default: ${DEFAULT-VALUE}).")
    private int layers;

    @Option(names = "--weights", paramLabel = "FORMAT", defaultValue = "f32",
            description = "How matrices are held in memory: f32 or bf16 (default: ${DEFAULT-VALUE}).")
    private WeightFormat weights;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "20000",
            description = "Sentences of all rounds together (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "5",
            description = "Rounds in which each way is measured in turn, on sentences of its own (default: "
                + "${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--batch-bytes", paramLabel = "N", defaultValue = "2048",
            description = "Bytes that are computed at once (default: ${DEFAULT-VALUE}).")
    private int batchBytes;

    @Option(names = "--out", paramLabel = "FILE", description = "Receives the figures as JSON.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        ModelConfig config = config();
        if (rounds < 1 || rows < rounds) {
            throw new UserError("--rounds, --rows: expected at least one round, and a sentence for each, found "
                    + rounds + " and " + rows);
        }
        if (out != null && !Files.isDirectory(out.toAbsolutePath().getParent())) {
            throw new UserError("--out " + out + ": its folder does not exist");
        }
        BatchOptions options = options();
        Path folder = Files.createTempDirectory("bybert-bench-");
        try {
            Path model = Files.createDirectory(folder.resolve("model"));
            new RandomModel(preset().id(), config, preset().queryKeyValueBias(), "utf-8", 1,
                    Dtype.valueOf(weights.name())).write(model);
            ModelReference reference = new ModelReference(model.toString(), Map.of());
            finish(new SparkBench(reference, options, rows, rounds, List.of(1, 2, 4), folder)
                    .run(preset().id(), weights.name()));
        } finally {
            FileUtil.fullyDelete(folder.toFile());
        }
        return CommandLine.ExitCode.OK;
    }

    private Preset preset() {
        try {
            return Preset.of(preset);
        } catch (IllegalArgumentException e) {
            throw new UserError("--" + e.getMessage(), e);
        }
    }

    private ModelConfig config() {
        ModelConfig config = preset().config();
        if (layers < 1 || layers > config.layers()) {
            throw new UserError("--layers: expected 1 to " + config.layers() + ", found " + layers);
        }
        return config.withLayers(layers);
    }

    private BatchOptions options() {
        try {
            return BatchOptions.DEFAULTS.withBatchBytes(batchBytes);
        } catch (IllegalArgumentException e) {
            throw new UserError("--batch-bytes: expected at least 1, found " + batchBytes, e);
        }
    }

    private void finish(SparkReport report) throws IOException {
        spec.commandLine().getOut().print(SparkReportText.of(report));
        spec.commandLine().getOut().flush();
        if (out == null) {
            return;
        }
        try {
            Files.writeString(out, report.toJson() + '\n');
        } catch (IOException e) {
            throw new UserError("--out " + out + ": cannot be written: " + e, e);
        }
    }
}
