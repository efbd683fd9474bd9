package org.bybert.job.evaluate;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.bybert.job.data.DataOptions;
import org.bybert.job.data.DataSet;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import org.bybert.job.terminal.WordOptions;
import org.bybert.udf.masked.MaskedWordSettings;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import picocli.CommandLine;
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
                    + "--out results/wiki"
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
            names = "--seeds",
            paramLabel = "N,N,...",
            split = ",",
            description = "Repeats the masking with each of these seeds: mean and standard deviation over them.")
    private List<Long> seeds = List.of();

    @Option(
            names = "--cnt-bytes",
            paramLabel = "N",
            description =
                    "Longest text, in bytes of the model's encoding, of the results for texts within the training "
                            + "length, the paper's cnt. (default: as long as the model was trained on, by its preset or "
                            + "max_position_embeddings; 0: only all texts).")
    private Integer cntBytes;

    @Mixin
    private WordOptions words;

    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Also fills the masks in at most N forward passes, as fill-mask --passes does, and shows that "
                            + "accuracy and its cost beside those of the one pass (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            description =
                    "Leaves out examples of more bytes of the model's encoding; 0: than the model's longest text, as "
                            + "in embed (default: none but those over --row-limit).")
    private Integer maxBytes;

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
            description = "Receives report.html, metrics.json and predictions (Parquet); must not exist.")
    private String out;

    @Option(names = "--overwrite", description = "Replaces the results in --out.")
    private boolean overwrite;

    @Option(
            names = "--print",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description =
                    "What is printed: table; markdown; latex, as papers print it (booktabs); csv, a line for each set, "
                            + "its texts, seed and unit; json, the content of metrics.json (default: ${DEFAULT-VALUE}).")
    private EvaluationTable.Format print;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return evaluation(print, Terminal.of(spec.commandLine())).run();
    }

    /**  UserError where an argument is not as expected */
    static Evaluation parse(String... arguments) {
        EvaluateCommand command = new EvaluateCommand();
        try {
            new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(arguments);
            Terminal quiet = new Terminal(
                    new PrintWriter(Writer.nullWriter()),
                    command.spec.commandLine().getErr());
            return command.evaluation(EvaluationTable.Format.CSV, quiet);
        } catch (ParameterException e) {
            throw new UserError(e.getMessage(), e);
        }
    }

    private Evaluation evaluation(EvaluationTable.Format format, Terminal terminal) {
        return new Evaluation(
                model.reference(),
                sets(),
                reading.columns(idColumn),
                reading.reading(),
                settings(),
                seeds(),
                cntBytes,
                out,
                overwrite,
                format,
                terminal);
    }

    private List<DataSet> sets() {
        try {
            return DataSet.parse(data);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--data: " + e.getMessage(), e);
        }
    }

    private List<Long> seeds() {
        CommandLine.ParseResult given = spec.commandLine().getParseResult();
        String problem = seeds.isEmpty()
                ? null
                : given.hasMatchedOption("--seed")
                        ? "--seed and --seeds exclude each other"
                        : Set.copyOf(seeds).size() < seeds.size()
                                ? "--seeds: expected numbers that differ, found " + seeds
                                : null;
        if (cntBytes != null && cntBytes < 0) {
            problem = "--cnt-bytes: expected 0 or more, found " + cntBytes;
        } else if (cntBytes != null && maxBytes != null && maxBytes > 0 && cntBytes > maxBytes) {
            problem = "--cnt-bytes: expected at most " + maxBytes + ", as --max-bytes leaves out longer texts, found "
                    + cntBytes;
        }
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
        return seeds.isEmpty() ? List.of(seed) : seeds;
    }

    private MaskedWordSettings settings() {
        Unit unit = words.unit() == null ? Unit.WORD : words.unit();
        SegmenterReference segmenter = words.segmenter(unit);
        try {
            return new MaskedWordSettings(
                    maskRate,
                    seed,
                    unit,
                    segmenter,
                    maxBytes == null ? MaskedWordSettings.ALL : maxBytes,
                    rowLimit,
                    passes);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
