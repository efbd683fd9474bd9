package org.bybert.job.evaluate;

import static org.bybert.job.terminal.Texts.count;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.job.metrics.SeedSpread;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.job.metrics.SetMetrics.Accuracy;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Texts;
import picocli.CommandLine.Help.Ansi;

/**
 * The accuracies of a run, in the forms that people and programs read.
 *
 * @param model     its name
 * @param unit      what was masked
 * @param hasBoth   whether texts within the training length stand beside all
 * @param passes    in how many masks were filled beside the one of the paper's protocol; 1 for none
 * @param seeds     in the order of the results' metrics
 * @param published figures in percent, by {@link Results#key}
 */
record EvaluationTable(
        String model,
        String unit,
        boolean hasBoth,
        int passes,
        List<Long> seeds,
        List<Results> results,
        Map<String, Preset.Value> published) {

    /**
     * Results of a set, by seed.
     *
     * @param texts which of its texts: {@code cnt} or {@code all}, as the published figures have it, else other words
     */
    record Results(String texts, List<SetMetrics> seeds) {

        /** What does not depend on the seed is that of the first one. */
        SetMetrics first() {
            return seeds.get(0);
        }

        SeedSpread spread(Function<SetMetrics, Accuracy> accuracy) {
            return SeedSpread.of(seeds.stream().map(accuracy).toList());
        }

        /** By the model, with all seeds, in one pass or in all of several. */
        long rowsRead(boolean isOnce) {
            return seeds.stream().mapToLong(set -> read(set, isOnce)).sum();
        }

        String key(String unit) {
            return first().set() + " " + texts + " " + unit;
        }
    }

    /** What {@code --print} takes. */
    enum Format {
        TABLE,
        MARKDOWN,
        LATEX,
        JSON,
        CSV
    }

    /**
     * A line for each set, its texts, seed, passes and unit; accuracies are shares, the published figure, which is of one pass,
     * is in percent.
     */
    static final StructType SCHEMA = new StructType()
            .add("set", DataTypes.StringType, false)
            .add("texts", DataTypes.StringType, false)
            .add("seed", DataTypes.LongType, false)
            .add("examples", DataTypes.LongType, false)
            .add("excluded", DataTypes.LongType, false)
            .add("failed", DataTypes.LongType, false)
            .add("passes", DataTypes.IntegerType, false)
            .add("rows_read", DataTypes.LongType, false)
            .add("unit", DataTypes.StringType, false)
            .add("masked", DataTypes.LongType, false)
            .add("correct", DataTypes.LongType, false)
            .add("accuracy", DataTypes.DoubleType, true)
            .add("low", DataTypes.DoubleType, true)
            .add("high", DataTypes.DoubleType, true)
            .add("published", DataTypes.DoubleType, true);

    private static final int BAR = 40;
    private static final String BYTE = "byte";

    private List<String> units() {
        return unit.equals(BYTE) ? List.of(BYTE) : List.of(unit, BYTE);
    }

    private List<Boolean> onceAndMore() {
        return passes > 1 ? List.of(true, false) : List.of(true);
    }

    /** @param isOnce whether in one pass */
    private Function<SetMetrics, Accuracy> accuracy(String of, boolean isOnce) {
        boolean isUnit = of.equals(unit);
        return isOnce
                ? isUnit ? SetMetrics::units : SetMetrics::bytes
                : set -> isUnit ? set.passes().units() : set.passes().bytes();
    }

    private static long read(SetMetrics set, boolean isOnce) {
        return isOnce ? set.scored() : set.passes().rows();
    }

    /** Of {@link #SCHEMA}. */
    List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Results each : results) {
            for (int i = 0; i < seeds.size(); i++) {
                SetMetrics set = each.seeds().get(i);
                for (boolean isOnce : onceAndMore()) {
                    for (String of : units()) {
                        Accuracy accuracy = accuracy(of, isOnce).apply(set);
                        Preset.Value figure = isOnce ? published.get(each.key(of)) : null;
                        rows.add(RowFactory.create(
                                set.set(),
                                each.texts(),
                                seeds.get(i),
                                set.scored(),
                                set.excluded(),
                                set.failed(),
                                isOnce ? 1 : passes,
                                read(set, isOnce),
                                of,
                                accuracy.masked(),
                                accuracy.correct(),
                                accuracy.accuracy(),
                                orNull(accuracy.low()),
                                orNull(accuracy.high()),
                                figure == null ? null : Double.valueOf(figure.json())));
                    }
                }
            }
        }
        return rows;
    }

    private static Double orNull(double value) {
        return Double.isNaN(value) ? null : (Double) value;
    }

    /** No name and no number has a comma, a quote or a line's end. */
    String csv() {
        return String.join(",", SCHEMA.fieldNames()) + "\n"
                + rows().stream()
                        .map(row -> IntStream.range(0, row.length())
                                        .mapToObj(i -> row.isNullAt(i)
                                                ? ""
                                                : row.get(i).toString())
                                        .collect(Collectors.joining(","))
                                + "\n")
                        .collect(Collectors.joining());
    }

    String markdown() {
        String table = markdown(cells(), hasBoth ? 2 : 1);
        return passes > 1 ? table + "\n" + markdown(passesCells(), 2) : table;
    }

    /** @param names columns that hold no numbers */
    private static String markdown(List<List<String>> table, int names) {
        List<List<String>> cells = new ArrayList<>(table);
        List<String> sides = new ArrayList<>(Collections.nCopies(cells.get(0).size(), "---:"));
        Collections.fill(sides.subList(0, names), "---");
        cells.add(1, sides);
        return cells.stream()
                .map(row -> "| " + String.join(" | ", row) + " |\n")
                .collect(Collectors.joining());
    }

    /**
     * As papers print it, with the package booktabs: a line for the model, a column for each set and its texts, each the
     * accuracies by unit and by byte.
     */
    String latex() {
        String header = results.stream()
                .map(each -> " & " + escaped(each.first().set() + "-" + each.texts()))
                .collect(Collectors.joining());
        StringBuilder lines = new StringBuilder("% accuracy per " + String.join(" / ", units()) + " in percent\n");
        lines.append("\\begin{tabular}{l").append("c".repeat(results.size())).append("}\n\\toprule\nmodel");
        lines.append(header).append(" \\\\\n\\midrule\n").append(escaped(model)).append(latexCells(true));
        if (passes > 1) {
            lines.append("\\quad ").append(passes).append(" passes").append(latexCells(false));
        }
        if (!published.isEmpty()) {
            lines.append("\\quad published");
            for (Results each : results) {
                lines.append(" & ")
                        .append(units().stream()
                                .map(of -> published.containsKey(each.key(of))
                                        ? published.get(each.key(of)).json()
                                        : "--")
                                .collect(Collectors.joining(" / ")));
            }
            lines.append(" \\\\\n");
        }
        return lines.append("\\bottomrule\n\\end{tabular}\n").toString();
    }

    private String latexCells(boolean isOnce) {
        return results.stream()
                        .map(each -> " & "
                                + units().stream()
                                        .map(of -> number(each.spread(accuracy(of, isOnce))))
                                        .collect(Collectors.joining(" / ")))
                        .collect(Collectors.joining())
                + " \\\\\n";
    }

    private static String number(SeedSpread spread) {
        return Double.isNaN(spread.accuracy()) ? "--" : String.format(Locale.ROOT, "%.1f", 100 * spread.accuracy());
    }

    private static String escaped(String name) {
        return name.replace("\\", "\\textbackslash{}").replaceAll("[_#$%&{}](?!\\})", "\\\\$0");
    }

    /** For the terminal. */
    String text() {
        return TextTable.of(cells());
    }

    private List<List<String>> cells() {
        List<List<String>> rows = new ArrayList<>();
        List<String> header =
                new ArrayList<>(hasBoth ? List.of("set", "texts", "examples") : List.of("set", "examples"));
        for (String of : units()) {
            header.addAll(List.of(of + "s masked", of + " accuracy", "95 % CI"));
            if (!published.isEmpty()) {
                header.add("published");
            }
        }
        header.addAll(List.of("excluded", "failed"));
        rows.add(header);
        for (Results each : results) {
            SetMetrics set = each.first();
            List<String> row = new ArrayList<>(List.of(set.set()));
            if (hasBoth) {
                row.add(each.texts());
            }
            row.add(count(set.scored()));
            for (String of : units()) {
                SeedSpread spread = each.spread(accuracy(of, true));
                row.addAll(List.of(
                        count(Math.round(spread.masked())), percent(spread), set.isFew() ? "(n/a)" : interval(spread)));
                if (!published.isEmpty()) {
                    row.add(beside(published.get(each.key(of)), spread));
                }
            }
            row.addAll(List.of(count(set.excluded()), count(set.failed())));
            rows.add(row);
        }
        return rows;
    }

    /** What several passes give beside the one, and the rows that the model reads for it. */
    String passesText() {
        return TextTable.of(passesCells());
    }

    private List<List<String>> passesCells() {
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("set", "texts", "passes", "rows read", "per example"));
        units().forEach(of -> header.addAll(List.of(of + " accuracy", "95 % CI")));
        rows.add(header);
        for (Results each : results) {
            long once = each.rowsRead(true);
            for (boolean isOnce : onceAndMore()) {
                long read = each.rowsRead(isOnce);
                List<String> row = new ArrayList<>(List.of(
                        each.first().set(),
                        each.texts(),
                        count(isOnce ? 1 : passes),
                        count(read),
                        once == 0 ? "-" : String.format(Locale.ROOT, "%.2f", (double) read / once)));
                for (String of : units()) {
                    SeedSpread spread = each.spread(accuracy(of, isOnce));
                    row.addAll(List.of(percent(spread), each.first().isFew() ? "(n/a)" : interval(spread)));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** A line for each set and its texts: the accuracy by unit as the filled part of a bar. */
    String bars(Ansi ansi) {
        List<String> names = results.stream()
                .map(each -> each.first().set() + (hasBoth ? " " + each.texts() : ""))
                .toList();
        int widest = names.stream().mapToInt(TextTable::width).max().orElse(0);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            SeedSpread spread = results.get(i).spread(SetMetrics::units);
            long filled = Double.isNaN(spread.accuracy()) ? 0 : Math.round(BAR * spread.accuracy());
            String name = names.get(i) + " ".repeat(widest - TextTable.width(names.get(i)));
            lines.append(name)
                    .append("  ")
                    .append(painted(ansi, Ansi.Style.fg_green, "█".repeat((int) filled)))
                    .append(painted(ansi, Ansi.Style.faint, "░".repeat(BAR - (int) filled)))
                    .append("  ")
                    .append(percent(spread))
                    .append('\n');
        }
        return lines.toString();
    }

    private static String painted(Ansi ansi, Ansi.Style style, String text) {
        return ansi.enabled() && !text.isEmpty() ? style.on() + text + style.off() : text;
    }

    /** @param figure null where none is published */
    private static String beside(Preset.Value figure, SeedSpread spread) {
        if (figure == null || Double.isNaN(spread.accuracy())) {
            return figure == null ? "" : figure.json();
        }
        // In tenths of a percent, as both are shown.
        double published = Double.parseDouble(figure.json());
        boolean within = Math.round(spread.low() * 1000) <= Math.round(published * 10)
                && Math.round(published * 10) <= Math.round(spread.high() * 1000)
                && !Double.isNaN(spread.low());
        return figure.json() + " % ("
                + (within
                        ? "within the interval"
                        : String.format(Locale.ROOT, "%+.1f points", 100 * spread.accuracy() - published))
                + ")";
    }

    private static String percent(SeedSpread spread) {
        return Double.isNaN(spread.accuracy())
                ? "-"
                : Double.isNaN(spread.sd())
                        ? Texts.percent(spread.accuracy())
                        : String.format(Locale.ROOT, "%.1f ± %.1f %%", 100 * spread.accuracy(), 100 * spread.sd());
    }

    private static String interval(SeedSpread spread) {
        return Double.isNaN(spread.accuracy())
                ? "-"
                : String.format(Locale.ROOT, "%.1f-%.1f", 100 * spread.low(), 100 * spread.high());
    }
}
