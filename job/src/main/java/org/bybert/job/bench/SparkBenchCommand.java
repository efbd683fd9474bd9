package org.bybert.job.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.udf.ModelReference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench spark}. */
@Command(
        name = "spark",
        description = {
            "Measures what Spark adds to the encoder: bytes per second of the same sentences (8 to 200 bytes) by the "
                    + "encoder alone, by Spark with one task slot and with two, in rounds; and that an executor holds one "
                    + "copy of the weights whatever its slots. Without --layers the model has one.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "The defaults take about a quarter of an hour. The whole shape: bybert bench spark --layers 12 --rows 1000"
        })
final class SparkBenchCommand implements Callable<Integer> {

    @Mixin
    private BenchCommand.Shape shape;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            defaultValue = "f32",
            description = "How matrices are held in memory: f32 or bf16 (default: ${DEFAULT-VALUE}).")
    private WeightFormat weights;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Sentences of all rounds together (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Rounds in which each way is measured in turn, on sentences of its own (default: "
                    + "${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--batch-bytes",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Bytes that are computed at once (default: ${DEFAULT-VALUE}).")
    private int batchBytes;

    @Mixin
    private BenchCommand.Output output;

    @Override
    public Integer call() throws IOException {
        Preset preset = shape.preset();
        ModelConfig config = shape.cut(preset.config(), 1);
        if (rounds < 1 || rows < rounds) {
            throw BenchCommand.wrong("--rounds, --rows: expected at least one round, and a sentence for each, found "
                    + rounds + " and " + rows);
        }
        output.check();
        if (batchBytes < 1) {
            throw BenchCommand.wrong("--batch-bytes: expected at least 1, found " + batchBytes);
        }
        Path folder = Files.createTempDirectory("bybert-bench-");
        try {
            Path model = Files.createDirectory(folder.resolve("model"));
            new RandomModel(preset.id(), config, preset.queryKeyValueBias(), "utf-8", 1, Dtype.valueOf(weights.name()))
                    .write(model);
            SparkBench.Report report = new SparkBench(
                            new ModelReference(model.toString(), Map.of()),
                            BatchOptions.DEFAULTS.withBatchBytes(batchBytes),
                            folder)
                    .run(preset.id(), weights.name(), rows, rounds, List.of(1, 2, 4));
            output.give(ReportText.of(report), report);
        } finally {
            FileUtil.fullyDelete(folder.toFile());
        }
        return CommandLine.ExitCode.OK;
    }
}
