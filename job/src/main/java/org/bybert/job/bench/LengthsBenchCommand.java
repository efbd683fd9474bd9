package org.bybert.job.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.text.MaskShorthand;
import org.bybert.job.data.DataOptions;
import org.bybert.job.data.DataSet;
import org.bybert.job.data.JobSession;
import org.bybert.job.terminal.ModelOptions;
import org.bybert.job.terminal.Terminal;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Texts;
import org.bybert.job.terminal.UserError;
import org.bybert.udf.ModelReference;
import org.bybert.udf.sql.ByBertFunctions;
import org.bybert.udf.words.Unit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of {@code bybert bench lengths}, which counts how often a gap of unknown length gets the length of what stood there. */
@Command(
        name = "lengths",
        description = {
            "Counts how often a gap of unknown length, <mask:?>, gets the length of the word that stood there: one word of "
                    + "each text is masked for each seed and filled by length per char and per byte, and at its own "
                    + "length; beside it the share of the most frequent length.",
            ""
        },
        sortOptions = false,
        footer = {"", "Runs on Spark and takes its options; a word costs about 49 forward passes of its text."})
final class LengthsBenchCommand implements Callable<Integer> {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--data",
            paramLabel = "NAME=PATH",
            description = "A set of texts, as evaluate reads it; may be repeated (default: the bundled sets).")
    private List<String> data = List.of();

    @Mixin
    private DataOptions reading;

    @Option(
            names = "--unit",
            paramLabel = "UNIT",
            defaultValue = "word",
            description = "What is masked: word or char (default: ${DEFAULT-VALUE}).")
    private Unit unit;

    @Option(
            names = "--seeds",
            paramLabel = "N,N,...",
            split = ",",
            defaultValue = "1,2,3",
            description = "Each chooses one word of each text (default: ${DEFAULT-VALUE}).")
    private List<Long> seeds;

    @Option(
            names = "--max-bytes",
            paramLabel = "N",
            defaultValue = "600",
            description = "Longer texts are left out (default: ${DEFAULT-VALUE}).")
    private int maxBytes;

    @Override
    public Integer call() {
        if (unit == Unit.BYTE) {
            throw BenchCommand.wrong("--unit: expected word or char, found byte: what is filled in is text");
        }
        List<DataSet> sets;
        try {
            sets = DataSet.parse(data);
        } catch (IllegalArgumentException e) {
            throw BenchCommand.wrong("--data: " + e.getMessage());
        }
        ModelReference reference = model.reference();
        SparkSession spark = JobSession.start("bybert bench lengths", Map.of(), Terminal.of(spec.commandLine()));
        try {
            ByBertFunctions.register(spark, reference, BatchOptions.DEFAULTS);
            List<Row> words = filled(masked(texts(spark, sets))).collectAsList();
            print(sets, words);
        } finally {
            spark.stop();
        }
        return CommandLine.ExitCode.OK;
    }

    private Dataset<Row> texts(SparkSession spark, List<DataSet> sets) {
        Dataset<Row> texts = sets.stream()
                .map(set -> set.read(spark, reading.columns(null), reading.reading())
                        .rows()
                        .select("set", "text"))
                .reduce(Dataset::union)
                .orElseThrow()
                // A mask in a text would be one more gap.
                .where(expr("octet_length(text) <= " + maxBytes + " AND NOT contains(text, '<mask')"))
                .distinct();
        return texts.repartition(4 * spark.sparkContext().defaultParallelism(), col("text"));
    }

    private Dataset<Row> masked(Dataset<Row> texts) {
        String name = unit.name().toLowerCase(Locale.ROOT);
        return seeds.stream()
                // At least one word is masked, however small the rate.
                .map(seed -> texts.selectExpr(
                        "set", "text", "bybert_mask_words(text, 0.000001, " + seed + ", unit => '" + name + "') AS m"))
                .reduce(Dataset::union)
                .orElseThrow()
                .where("m.error IS NULL")
                .selectExpr(
                        "set",
                        "text",
                        "m.spans[0].`end` - m.spans[0].start AS bytes",
                        "regexp_replace(m.masked_text, '(<mask>)+', '<mask:?>') AS gap")
                .distinct();
    }

    private static Dataset<Row> filled(Dataset<Row> masked) {
        String gap = "if(bytes <= " + MaskShorthand.UNKNOWN + ", gap, NULL)";
        return masked.selectExpr(
                        "set",
                        "text",
                        "bytes",
                        "bybert_fill_mask(" + gap + ", top_k => 1, length_by => 'char') AS c",
                        "bybert_fill_mask(" + gap + ", top_k => 1, length_by => 'byte') AS b",
                        "bybert_fill_mask(replace(" + gap + ", ':?>', concat(':', bytes, '>'))) AS k")
                .selectExpr(
                        "set",
                        "bytes",
                        "coalesce(c.error, b.error, k.error) AS error",
                        "c.gaps[0].length AS char",
                        "c.text = text AS char_word",
                        "b.gaps[0].length AS byte",
                        "b.text = text AS byte_word",
                        "k.text = text AS known_word");
    }

    private void print(List<DataSet> sets, List<Row> words) {
        List<List<String>> table = new ArrayList<>();
        table.add(List.of("set", "words", "compared per", "right length", "right word"));
        long longer = 0;
        long failed = 0;
        for (DataSet set : sets) {
            List<Row> own = words.stream()
                    .filter(row -> row.getAs("set").equals(set.name()))
                    .toList();
            List<Row> known = own.stream()
                    .filter(row -> !row.isNullAt(3) || !row.isNullAt(2))
                    .toList();
            List<Row> counted = known.stream().filter(row -> row.isNullAt(2)).toList();
            longer += own.size() - known.size();
            failed += known.size() - counted.size();
            if (counted.isEmpty()) {
                throw new UserError("--data " + set.name() + ": expected texts of at most " + maxBytes
                        + " bytes with words to mask, found none");
            }
            Map<Integer, Long> lengths = counted.stream()
                    .collect(Collectors.groupingBy(
                            row -> row.<Integer>getAs("bytes"), TreeMap::new, Collectors.counting()));
            int usual = lengths.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey();
            for (String by : List.of("char", "byte")) {
                table.add(row(set, counted, by, r -> r.getAs(by).equals(r.getAs("bytes")), r -> r.getAs(by + "_word")));
            }
            table.add(row(set, counted, "(length known)", r -> true, r -> r.getAs("known_word")));
            table.add(row(
                    set,
                    counted,
                    "(always " + usual + " bytes)",
                    r -> r.getAs("bytes").equals(usual),
                    null));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.print(TextTable.of(table));
        out.println();
        out.print(ReportText.format(
                "texts of at most %,d bytes; %,d words of more than %d bytes are left out, %,d could not be filled%n",
                maxBytes, longer, MaskShorthand.UNKNOWN, failed));
        out.flush();
    }

    private static List<String> row(
            DataSet set, List<Row> words, String by, Predicate<Row> length, Predicate<Row> word) {
        return List.of(
                set.name(),
                ReportText.format("%,d", words.size()),
                by,
                share(words, length),
                word == null ? "" : share(words, word));
    }

    private static String share(List<Row> words, Predicate<Row> right) {
        return Texts.percent((double) words.stream().filter(right).count() / words.size());
    }
}
