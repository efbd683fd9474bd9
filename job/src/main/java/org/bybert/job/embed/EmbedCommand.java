package org.bybert.job.embed;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.batch.SpecialTokens;
import org.bybert.job.data.DataOptions;
import org.bybert.job.data.Source;
import org.bybert.job.embed.EmbedOptions.OutputFormat;
import org.bybert.job.embed.EmbedOptions.OutputMode;
import org.bybert.job.embed.EmbedOptions.Repartition;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of {@code bybert embed}; nothing here touches Spark, so that help needs none. */
@Command(
        name = "embed",
        description = {"Embeds the texts of a data set: one vector per row, written as a table.", ""},
        sortOptions = false,
        footer = {
            "",
            "The result has the kept columns, embedding, n_bytes, n_tokens, truncated and error; a row that fails "
                    + "has no embedding, but an error. Rows are spread by a hash and do not keep their order.",
            "Example: bybert embed --master local[4] --input pages.parquet --id-column id --keep none --normalize "
                    + "--precision float16 --output vectors --resume",
            "",
            "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 written, but more rows failed than --max-failed allows; "
                    + "4 the output holds another run; 5 another job is writing to the output; 52 out of memory; "
                    + "130 interrupted."
        })
public final class EmbedCommand implements Callable<Integer> {

    /** Everything is written, but more rows failed than may. */
    static final int ROWS_FAILED = 3;
    /** The output holds something else: an unfinished run, or one of another input, model or options. */
    static final int OUTPUT_TAKEN = 4;
    /** Another job is writing to the output. */
    static final int LOCKED = 5;

    @Option(
            names = "--input",
            paramLabel = "PATH",
            required = true,
            description = "Parquet, ORC, JSON, CSV or TSV (with a header), MeCab's output or text files (a line is a "
                    + "row): a file, a folder or a glob; or a table of Spark's catalog.")
    private String input;

    @Mixin
    private DataOptions reading;

    @Option(
            names = "--id-column",
            paramLabel = "NAME",
            description = "Column with the row's id; it is always kept, and --resume needs it.")
    private String idColumn;

    @Option(
            names = "--keep",
            paramLabel = "NAME,...",
            defaultValue = "all",
            description = "Columns of the input that the result has too; all or none (default: ${DEFAULT-VALUE}).")
    private String keep;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--accept-undecided",
            description = "Goes on where the measurement of what the model's files leave open is not clear.")
    private boolean acceptUndecided;

    @Option(
            names = "--pooling",
            paramLabel = "POOLING",
            defaultValue = "mean",
            description = "mean (of all tokens), cls (the first one) or max (default: ${DEFAULT-VALUE}).")
    private Pooling pooling;

    @Option(names = "--normalize", description = "Scales each vector to length 1.")
    private boolean normalize;

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = {
                "float32: array<float>. float16: binary, IEEE 754 half precision, little endian; in NumPy "
                        + "frombuffer(b, '<f2').",
                "int8: binary, with a column scale; frombuffer(b, 'i1') * scale " + "(default: ${DEFAULT-VALUE})."
            })
    private Precision precision;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Longest text in bytes of the model's encoding; 0, the default: no limit but the model's longest.")
    private int maxBytes;

    @Option(
            names = "--long-text",
            paramLabel = "WHAT",
            defaultValue = "error",
            description = "What happens to longer ones: truncate, split (into overlapping windows whose vectors are "
                    + "pooled) or error (default: ${DEFAULT-VALUE}).")
    private LongText longText;

    @Option(
            names = "--special-tokens",
            paramLabel = "WHAT",
            defaultValue = "text",
            description =
                    "What the text of a special token, such as <s> or <pad>, stands for: text (it is read byte by "
                            + "byte) or parse (the token, as in a prompt) (default: ${DEFAULT-VALUE}).")
    private SpecialTokens specialTokens;

    @Option(
            names = "--batch-bytes",
            paramLabel = "N",
            description = "Bytes of text that are computed at once (default: ${DEFAULT-VALUE}).")
    private int batchBytes = BatchOptions.DEFAULTS.batchBytes();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            required = true,
            description = "Receives the result; the folder _bybert in it holds metrics.json and what --resume needs.")
    private String output;

    @Option(
            names = "--output-format",
            paramLabel = "FORMAT",
            defaultValue = "parquet",
            description = "parquet, orc or jsonl (default: ${DEFAULT-VALUE}).")
    private OutputFormat outputFormat;

    @Option(
            names = "--partition-by",
            paramLabel = "NAME",
            split = ",",
            description = "Columns whose values become folders; each unit writes a file per value.")
    private List<String> partitionBy = List.of();

    @Option(
            names = "--repartition",
            paramLabel = "auto|N|off",
            defaultValue = "auto",
            description = "Units of work, each a task, a file and a step of --resume: auto (of about the same bytes of "
                    + "text, 1 MiB each, at least four per task slot and at most 8192), a number, or off (as Spark reads "
                    + "the input) (default: ${DEFAULT-VALUE}).")
    private String repartition;

    @Option(names = "--overwrite", description = "Replaces the results of an earlier run in --output.")
    private boolean overwrite;

    @Option(
            names = "--partition-overwrite",
            description = "Replaces only the partitions that the input has rows of; they take their places when all "
                    + "are computed.")
    private boolean partitionOverwrite;

    @Option(
            names = "--resume",
            description = "Continues where an earlier run with the same input, model and options ended, after whatever "
                    + "crash; begins where there is none, does nothing where it is complete.")
    private boolean resume;

    @Option(
            names = "--break-lock",
            description = "Takes the output although another job has it. Not needed after a crash: a lock that has not "
                    + "changed for 30 seconds is taken over.")
    private boolean breakLock;

    @Option(
            names = "--max-failed",
            paramLabel = "SHARE",
            defaultValue = "1",
            description = "Share of rows that may fail, 0 to 1; with more the exit code is 3, as it is when all fail "
                    + "(default: ${DEFAULT-VALUE}).")
    private double maxFailed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        return Embedding.run(options(), Terminal.of(spec.commandLine()));
    }

    private EmbedOptions options() {
        check(!resume || idColumn != null, "--resume needs --id-column: rows are told apart by it");
        check(!resume || !overwrite, "--resume and --overwrite exclude each other");
        check(!partitionOverwrite || !partitionBy.isEmpty(), "--partition-overwrite needs --partition-by");
        check(!partitionOverwrite || !overwrite, "--partition-overwrite and --overwrite exclude each other");
        check(maxFailed >= 0 && maxFailed <= 1, "--max-failed: expected 0 to 1, found " + maxFailed);
        Repartition units = valid("--repartition", () -> Repartition.parse(repartition));
        check(
                !resume || !units.isOff(),
                "--resume needs --repartition auto or a number: how Spark reads the input " + "may change");
        return new EmbedOptions(
                model.reference(),
                new Source("--input", input, reading.reading()),
                reading.columns(idColumn),
                kept(),
                batch(),
                precision,
                output,
                outputFormat,
                partitionBy,
                units,
                new OutputMode(overwrite, partitionOverwrite, resume, breakLock),
                maxFailed,
                acceptUndecided);
    }

    private List<String> kept() {
        return switch (keep.toLowerCase(Locale.ROOT)) {
            case "all" -> null;
            case "none" -> List.of();
            default -> List.of(keep.split(","));
        };
    }

    private BatchOptions batch() {
        check(batchBytes > 0, "--batch-bytes: expected 1 or more, found " + batchBytes);
        return valid(
                "--max-bytes",
                () -> BatchOptions.DEFAULTS
                        .withPooling(pooling, normalize)
                        .withBatchBytes(batchBytes)
                        .withLimit(maxBytes, longText)
                        .withSpecials(specialTokens));
    }

    private <T> T valid(String option, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
        }
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
