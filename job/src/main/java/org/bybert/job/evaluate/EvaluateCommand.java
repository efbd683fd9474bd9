package org.bybert.job.evaluate;

import java.util.List;
import java.util.concurrent.Callable;
import org.bybert.job.data.DataOptions;
import org.bybert.job.data.DataSet;
import org.bybert.job.terminal.Bundled;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import org.bybert.udf.masked.MaskedWordSettings;
import org.bybert.udf.words.Unit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of {@code bybert evaluate}; nothing here touches Spark, so that help needs none. */
@Command(
        name = "evaluate",
        description = {
            "Measures masked-word accuracy: in each example a share of the words is masked at once, the model fills all "
                    + "masks in one forward pass, and a word is right when every one of its bytes is.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "Without options the bundled model is measured on the bundled sets.",
            "Example: bybert evaluate --master local[4] --model /models/bybert-jp-100m --data wiki=wiki.parquet "
                    + "--max-bytes 3072 --out results/wiki-cnt"
        })
public final class EvaluateCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--data",
            paramLabel = "NAME=PATH",
            description = "An evaluation set: .jsonl, .json, .parquet, .orc, .csv, .tsv, .mecab or .txt (a line is an "
                    + "example), a folder or a glob of such files; may be repeated (default: the bundled sets). A column \"words\" (array of strings "
                    + "that concatenate to the text) replaces the segmenter.")
    private List<String> data = List.of();

    @Mixin
    private DataOptions reading;

    @Option(
            names = "--id-column",
            paramLabel = "NAME",
            description = "Column with the example's id (default: id where there is one, else a hash of the text).")
    private String idColumn;

    @Option(
            names = "--mask-rate",
            paramLabel = "RATE",
            defaultValue = "0.15",
            description = "Share of the words of an example that is masked, at least one (default: ${DEFAULT-VALUE}).")
    private double maskRate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Decides, with an example's id, which words are masked (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            defaultValue = "word",
            description = "What is masked as a whole: word (UniDic short units), char or byte "
                    + "(default: ${DEFAULT-VALUE}).")
    private Unit unit;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            description = "Leaves out examples of more bytes of the model's encoding: the paper's cnt. setting; 0, the "
                    + "default: no limit but --row-limit, the paper's all.")
    private int maxBytes;

    @Option(
            names = "--row-limit",
            paramLabel = "N",
            defaultValue = "32768",
            description = "Examples of more bytes are counted as failed instead of being computed; 0 for none "
                    + "(default: ${DEFAULT-VALUE}).")
    private int rowLimit;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Receives metrics.json and predictions (Parquet); must not exist.")
    private String out;

    @Option(names = "--overwrite", description = "Replaces the results in --out.")
    private boolean overwrite;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return new Evaluation(
                        model.reference(),
                        sets(),
                        reading.columns(idColumn),
                        reading.reading(),
                        settings(),
                        out,
                        overwrite,
                        Terminal.of(spec.commandLine()))
                .run();
    }

    private List<DataSet> sets() {
        if (data.isEmpty()) {
            return Bundled.sets().entrySet().stream()
                    .map(set -> new DataSet(set.getKey(), set.getValue()))
                    .toList();
        }
        try {
            return DataSet.parse(data);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--data: " + e.getMessage(), e);
        }
    }

    private MaskedWordSettings settings() {
        try {
            return new MaskedWordSettings(maskRate, seed, unit, maxBytes, rowLimit);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
