package org.bybert.job.fillmask;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.ChooseTask;
import org.bybert.encoder.batch.FillMaskTask;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.batch.SpecialTokens;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextReader;
import org.bybert.encoder.batch.TextTask;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.job.data.InputLines;
import org.bybert.job.data.TextDecoder;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of {@code bybert fill-mask}. */
@Command(
        name = "fill-mask",
        description = {
            "Fills the masks of texts with the most probable bytes, all masks of a text in one forward pass (or --passes); "
                    + "needs no Spark. A mask stands for one byte: <mask> as often as there are bytes, or <mask:6> for six of them "
                    + "(1 to 9999), <mask:3-12> or <mask:?> (1 to 24) for as many as fit best.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "Texts come from --text and --input, else from standard input; on a terminal the two sentences of the model "
                    + "card are filled:",
            "  bybert fill-mask --text '" + FillMaskCommand.CITY + "' --text '" + FillMaskCommand.MOUNTAIN + "'",
            "A text that cannot be filled is shown with the reason and counted; exit code 1 where none could be."
        })
public final class FillMaskCommand implements Callable<Integer> {

    static final String CITY = "東北大学は宮城県<mask:6>市にある大学です。";
    static final String MOUNTAIN = "日本一高い山は<mask:9>です。";
    /** The launcher sets it to true where standard input is a terminal. */
    private static final String TERMINAL = "bybert.terminal";

    private static final String STANDARD_INPUT = "-";
    /** No more is read ahead than a batch takes, so that answers come while the input does. */
    private static final BatchOptions OPTIONS =
            BatchOptions.DEFAULTS.withWindow(256, BatchOptions.DEFAULTS.batchBytes());

    @Mixin
    private ModelOptions model;

    @Option(names = "--text", paramLabel = "TEXT", description = "A text to fill; may be repeated.")
    private List<String> texts = List.of();

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "A file of texts, one per line, or its address (hdfs://, s3a://); - is standard input.")
    private String input;

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            description =
                    "Character set of --input and standard input: windows-31j (CP932), Shift_JIS, EUC-JP, UTF-16, "
                            + "... (default: UTF-8).")
    private String encoding;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "card: Input and Decoded as the model card's script prints them, with --decode bytes; table: a line per "
                            + "text; json: an object per line with row, text, filled, score (geometric mean of the "
                            + "probabilities), masks, n_bytes, truncated, error (default: card; table with --decode valid, "
                            + "--top-k, --passes or --targets).")
    private RowFormat format;

    @Option(
            names = "--decode",
            paramLabel = "HOW",
            description =
                    "valid: the most probable text; bytes: the most probable byte at each mask, which may be no text "
                            + "(default: valid, with --format card bytes).")
    private Decoding decoding;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            description = "Shows for each gap the N (up to 100) most probable texts with their probabilities; needs "
                    + "--decode valid (default: 0, none).")
    private int topK;

    @Option(
            names = "--passes",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Forward passes at most: each writes the surest characters, the next one looks at the rest again; with "
                            + "several --top-k is at most 1 (default: ${DEFAULT-VALUE}).")
    private int passes;

    @Option(
            names = "--targets",
            split = ",",
            paramLabel = "TEXT",
            description =
                    "Texts, with commas between them, of which each is put in the one gap of a text at its own length; "
                            + "the best is the answer, all are shown with their shares.")
    private List<String> targets = List.of();

    @Option(
            names = "--length-by",
            paramLabel = "UNIT",
            defaultValue = "char",
            description =
                    "Texts of different lengths are compared by the logarithm of their probability per char or byte "
                            + "(default: ${DEFAULT-VALUE}).")
    private FillOptions.LengthBy lengthBy;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Longest text in tokens (default: the model's max_position_embeddings).")
    private Integer maxTokens;

    @Option(
            names = "--long-text",
            paramLabel = "WHAT",
            defaultValue = "error",
            description =
                    "What happens to longer ones: error (for that text) or truncate " + "(default: ${DEFAULT-VALUE}).")
    private LongText longText;

    private FillOptions fill;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!texts.isEmpty() && input != null) {
            throw new ParameterException(spec.commandLine(), "--text, --input: expected one of them, found both");
        }
        if (maxTokens != null && maxTokens < 1) {
            throw new ParameterException(spec.commandLine(), "--max-tokens: expected 1 or more, found " + maxTokens);
        }
        if (format == null) {
            format = decoding == Decoding.VALID || topK != 0 || passes > 1 || !targets.isEmpty()
                    ? RowFormat.TABLE
                    : RowFormat.CARD;
        }
        if (!targets.isEmpty() && (format == RowFormat.CARD || decoding != null || topK != 0 || passes > 1)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--targets: expected without --format card, --decode, --top-k and --passes: targets are all that may be "
                            + "filled in");
        }
        if (format == RowFormat.CARD && passes > 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--passes: expected 1 with --format card, which prints what the model card's script prints, found "
                            + passes + "; --format table and json take several");
        }
        fill = fill();
        if (format == RowFormat.CARD && decoding == Decoding.VALID) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--decode: expected bytes with --format card, which prints what the model card's script prints, found "
                            + "valid; --format table and json have valid text");
        }
        if (longText == LongText.SPLIT) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--long-text: expected error or truncate, found split: a text with masks is read in one piece");
        }
        if (!texts.isEmpty() || input == null && Boolean.getBoolean(TERMINAL)) {
            List<String> given = texts.isEmpty() ? List.of(CITY, MOUNTAIN) : texts;
            return run(IntStream.range(0, given.size())
                    .mapToObj(i -> new InputLines.Line(i + 1, given.get(i), null))
                    .iterator());
        }
        Charset charset = charset();
        boolean standard = input == null || input.equals(STANDARD_INPUT);
        try (InputStream in = standard ? System.in : InputLines.open("--input", input)) {
            return run(new InputLines(in, charset, standard ? "standard input" : "--input " + input));
        }
    }

    private Charset charset() {
        try {
            return TextDecoder.charset(encoding);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--encoding: " + e.getMessage(), e);
        }
    }

    private int run(Iterator<InputLines.Line> rows) {
        ModelReference reference = model.reference().measure();
        Terminal.of(spec.commandLine()).remarkOn(reference.measured());
        ByBert encoder = reference.open();
        int limit = maxTokens == null ? encoder.config().maxPositionEmbeddings() : maxTokens;
        ByteTokenizer tokenizer = encoder.tokenizer();
        TextEngine<String, FilledText> engine = new TextEngine<>(encoder, task(tokenizer, limit), OPTIONS);
        Iterator<FilledRow> filled = engine.stream(
                rows,
                InputLines.Line::readable,
                row -> row.text() == null ? 0 : row.text().length(),
                (row, answer) -> FilledRow.of(row, answer, tokenizer, limit));
        PrintWriter out = spec.commandLine().getOut();
        out.print(format.header());
        long ok = 0;
        long truncated = 0;
        Map<String, Long> problems = new TreeMap<>();
        while (filled.hasNext()) {
            FilledRow row = filled.next();
            out.print(format.of(row));
            truncated += row.truncated() ? 1 : 0;
            if (row.error() == null) {
                ok++;
            } else {
                problems.merge(TextProblem.kind(row.error()), 1L, Long::sum);
            }
            if (!engine.isReady() && out.checkError()) {
                throw new UserError("standard output was closed after " + ok + " texts");
            }
        }
        out.flush();
        remark(spec.commandLine().getErr(), ok, truncated, problems);
        return ok == 0 && !problems.isEmpty() ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private TextTask<String, ?, FilledText> task(ByteTokenizer tokenizer, int limit) {
        if (targets.isEmpty()) {
            return new FillMaskTask(
                    tokenizer, new TextReader(tokenizer, longText, limit, SpecialTokens.PARSE, false), true, fill);
        }
        try {
            return new ChooseTask(
                    tokenizer,
                    new TextReader(tokenizer, LongText.ERROR, limit, SpecialTokens.PARSE, false),
                    targets,
                    lengthBy);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
    }

    private FillOptions fill() {
        Decoding otherwise = format == RowFormat.CARD ? Decoding.BYTES : Decoding.VALID;
        try {
            return new FillOptions(decoding == null ? otherwise : decoding, topK, lengthBy, passes);
        } catch (IllegalArgumentException e) {
            String options = e.getMessage().startsWith("passes") ? "--" : "--top-k, --decode: ";
            throw new ParameterException(spec.commandLine(), options + e.getMessage(), e);
        }
    }

    /** What became of the texts; silent where there is nothing but filled ones. */
    private static void remark(PrintWriter err, long filled, long truncated, Map<String, Long> problems) {
        if (filled == 0 && problems.isEmpty()) {
            err.println("bybert: there were no texts");
        } else if (truncated > 0 || !problems.isEmpty()) {
            err.print("bybert: " + filled + " filled" + (truncated > 0 ? ", " + truncated + " truncated" : ""));
            problems.forEach((problem, count) -> err.print("; " + count + " not filled (" + problem + ")"));
            err.println();
        }
        err.flush();
    }
}
