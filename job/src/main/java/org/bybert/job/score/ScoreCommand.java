package org.bybert.job.score;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.job.data.DataOptions;
import org.bybert.job.data.Source;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.WordOptions;
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.words.Unit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of {@code bybert score}; nothing here touches Spark, so that help needs none. */
@Command(
        name = "score",
        description = {
            "Scores texts by how probable the model finds them: the mean of the natural logarithms of the probabilities of "
                    + "their bytes (score, 0 or below), and the perplexity per character; white space counts in neither. Or "
                    + "compares two columns of sentences, minimal pairs, of which the model should prefer the first.",
            ""
        },
        sortOptions = false,
        footer = {
            "",
            "Without --output the rows go to standard output, else a table that has them: row (from 1, in the order of the "
                    + "input), id, text, score, perplexity, logprob (the sum), n_chars, n_bytes, truncated, error.",
            "A row that cannot be scored is shown with the reason and counted; exit code 1 where none could be.",
            "Examples: bybert score --input texts.txt --rank",
            "          bybert score --input pairs.jsonl --pairs good,bad --method word,word-l2r,byte"
        })
public final class ScoreCommand implements Callable<Integer> {

    @Option(
            names = "--input",
            paramLabel = "PATH",
            required = true,
            description = "Parquet, ORC, JSON, CSV or TSV (with a header), MeCab's output or text files (a line is a "
                    + "row): a file, a folder or a glob; or a table of Spark's catalog.")
    private String input;

    @Mixin
    private DataOptions reading;

    @Option(names = "--id-column", paramLabel = "NAME", description = "Column with the row's id.")
    private String idColumn;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--method",
            paramLabel = "METHOD",
            split = ",",
            defaultValue = "word",
            description =
                    "Which bytes are masked beside the one that is asked for: word (all of its word), word-l2r (those right "
                            + "of it in its word), byte (none); with --pairs several, with commas between them (default: "
                            + "${DEFAULT-VALUE}).")
    private List<ScoreMethod> methods;

    @Mixin
    private WordOptions words;

    @Option(
            names = "--pairs",
            paramLabel = "GOOD,BAD",
            split = ",",
            description =
                    "Two columns of sentences: shows the share of rows in which the first one is more probable, by the "
                            + "score per byte and by the sum of the log-probabilities.")
    private List<String> pairs = List.of();

    @Option(names = "--rank", description = "The most probable text first, by its score; without it as in the input.")
    private boolean rank;

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
            description = "What happens to longer ones: error (for that row) or truncate (default: ${DEFAULT-VALUE}).")
    private LongText longText;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Receives the rows as a table; must be empty or not exist.")
    private String output;

    @Option(
            names = "--output-format",
            paramLabel = "FORMAT",
            defaultValue = "parquet",
            description = "parquet, orc or jsonl (default: ${DEFAULT-VALUE}).")
    private Scoring.OutputFormat outputFormat;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        check(
                pairs.isEmpty() || pairs.size() == 2 && !pairs.get(0).equals(pairs.get(1)),
                "--pairs: expected two columns, good,bad, found " + String.join(",", pairs));
        check(pairs.isEmpty() || !rank, "--rank: pairs are compared, not ranked; leave one of the two out");
        check(
                Set.copyOf(methods).size() == methods.size() && (methods.size() == 1 || !pairs.isEmpty()),
                "--method: expected " + (pairs.isEmpty() ? "one (several go with --pairs)" : "methods that differ")
                        + ", found " + methods);
        check(
                longText != LongText.SPLIT,
                "--long-text: expected error or truncate, found split: a score is of one text");
        return new Scoring(
                        model.reference(),
                        new Source("--input", input, reading.reading()),
                        reading.columns(idColumn),
                        pairs,
                        methods.stream().map(this::method).toList(),
                        options(),
                        rank,
                        output,
                        outputFormat,
                        Terminal.of(spec.commandLine()))
                .run();
    }

    private Scoring.Method method(ScoreMethod method) {
        try {
            Unit unit = method.unit(words.unit());
            // With several methods words are for those that cut any.
            return new Scoring.Method(method, unit, words.segmenter(methods.size() > 1 ? Unit.WORD : unit));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--method, --unit: " + e.getMessage(), e);
        }
    }

    private BatchOptions options() {
        try {
            return BatchOptions.DEFAULTS.withLimit(maxBytes, longText);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--max-bytes: " + e.getMessage(), e);
        }
    }

    private void check(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
