package org.bybert.job.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bybert.job.bench.BenchReport.Machine;
import org.bybert.job.bench.BenchReport.Measurement;
import org.bybert.job.terminal.TextTable;
import org.bybert.job.terminal.Texts;

/** Reports for the terminal. Medians come first, the lowest and highest round after them. */
final class ReportText {

    private static final double MIB = 1 << 20;

    private ReportText() {}

    static String of(BenchReport report) {
        StringBuilder text = new StringBuilder(
                head(report.model(), report.layers(), report.weights(), report.kernels(), report.machine()));
        if (report.peakGflops() != null) {
            text.append(format(
                    "peak of one core: %.0f GFLOP/s (%s) of multiply-adds%n",
                    report.peakGflops().median(), report.peakGflops().range("%.0f")));
        }
        text.append(table(
                List.of("length", "tokens/s", "spread", "GFLOP/s", "of peak", "spread", "bytes/call", "on core"),
                report.measurements(),
                m -> List.of(
                        m.name(),
                        count(m.tokensPerSecond().median()),
                        m.tokensPerSecond().range("%,.0f"),
                        format("%.1f", m.gflops().median()),
                        Texts.percent(m.fractionOfPeak().median()),
                        m.fractionOfPeak().times(100).range("%.0f"),
                        format("%,d", m.bytesPerCall()),
                        format("%.0f %%", 100 * m.cpuShare()))));
        report.stages()
                .forEach(stages -> text.append(table(
                        List.of("stage, length " + stages.name(), "share of time", "of peak"),
                        stages.stages(),
                        row -> List.of(
                                row.stage(),
                                Texts.percent(row.share()),
                                row.fractionOfPeak() == null ? "-" : Texts.percent(row.fractionOfPeak())))));
        String threads = report.scaling().stream()
                .findFirst()
                .map(s -> s.threads() + " threads, length")
                .orElse("");
        text.append(table(
                List.of(threads, "× one", "spread", "multiply-adds × one", "spread"),
                report.scaling(),
                s -> List.of(
                        s.name(),
                        format("%.2f", s.ratio().median()),
                        s.ratio().range("%.2f"),
                        format("%.2f", s.fma().median()),
                        s.fma().range("%.2f"))));
        text.append(table(
                List.of(
                        "fresh JVM",
                        "open",
                        "first answer",
                        "rows to 90 %",
                        "time to 90 %",
                        "time lost",
                        "rows/s steady"),
                report.coldStarts(),
                s -> List.of(
                        s.warmUp() ? "with warm-up" : "without",
                        format("%.2f s", s.openSeconds()),
                        format("%.2f s", s.firstAnswerSeconds()),
                        format("%,d", s.rowsToSteady()),
                        format("%.2f s", s.secondsToSteady()),
                        format("%.2f s", s.secondsLost()),
                        format("%.1f", s.rowsPerSecond()))));
        return text.toString();
    }

    /**
     * Workloads that an earlier run holds too, in the order of this one: this run over the earlier one. The fraction of
     * the peak is what remains where the machine itself was faster or slower.
     */
    static String against(BenchReport now, BenchReport before) {
        Map<String, Measurement> earlier = before.measurements().stream()
                .collect(Collectors.toMap(Measurement::name, Function.identity(), (first, second) -> first));
        List<Measurement> known = now.measurements().stream()
                .filter(m -> earlier.containsKey(m.name()))
                .toList();
        if (known.isEmpty()) {
            return "\nNothing of the earlier run was measured this time.\n";
        }
        String other = before.model().equals(now.model()) && before.layers() == now.layers()
                ? ""
                : format("(the earlier run measured %s, %d layers)%n", before.model(), before.layers());
        return table(
                        List.of("× the earlier run", "tokens/s", "of peak"),
                        known,
                        m -> List.of(
                                m.name(),
                                orDash(ratio(
                                        m.tokensPerSecond(),
                                        earlier.get(m.name()).tokensPerSecond())),
                                orDash(ratio(
                                        m.fractionOfPeak(),
                                        earlier.get(m.name()).fractionOfPeak()))))
                + other;
    }

    static String of(SparkBench.Report report) {
        StringBuilder text = new StringBuilder(
                head(report.model(), report.layers(), report.weights(), report.kernels(), report.machine()));
        text.append(format(
                "%,d sentences, %,d bytes, in %d rounds; batches of at most %,d bytes%n",
                report.rows(), report.bytes(), report.rounds(), report.batchBytes()));
        text.append(table(
                List.of("", "bytes/s", "spread", "bytes/core second", "spread"),
                report.speeds(),
                s -> List.of(
                        s.name(),
                        count(s.bytesPerSecond().median()),
                        s.bytesPerSecond().range("%,.0f"),
                        count(s.bytesPerCoreSecond().median()),
                        s.bytesPerCoreSecond().range("%,.0f"))));
        text.append(table(
                List.of("", "by the clock", "spread", "by core time", "spread"),
                report.ratios(),
                r -> List.of(
                        r.name(),
                        format("%.3f", r.byClock().median()),
                        r.byClock().range("%.3f"),
                        r.byCoreTime() == null
                                ? "-"
                                : format("%.3f", r.byCoreTime().median()),
                        r.byCoreTime() == null ? "-" : r.byCoreTime().range("%.3f"))));
        text.append(format(
                "%nweights: %.0f MiB in their file; opened %d time(s) in this JVM%n",
                report.weightBytes() / MIB, report.modelOpens()));
        for (SparkBench.Heap heap : report.heap()) {
            text.append(format(
                    "heap after GC: %.0f MiB %s%n",
                    heap.bytes() / MIB,
                    heap.slots() == 0 ? "without a model" : "once local[" + heap.slots() + "] has run"));
        }
        return text.toString();
    }

    private static String head(String model, int layers, String weights, String kernels, Machine machine) {
        return format(
                "%s, %d layers, weights %s, kernels %s%nJava %s; %s, %d processors%n",
                model, layers, weights, kernels, machine.java(), machine.cpu(), machine.processors());
    }

    /** With an empty line before it; empty where there is no item. */
    static <T> String table(List<String> header, List<T> items, Function<T, List<String>> row) {
        return items.isEmpty()
                ? ""
                : '\n'
                        + TextTable.of(
                                Stream.concat(Stream.of(header), items.stream().map(row))
                                        .toList());
    }

    /** NaN where one was not measured. */
    static double ratio(Summary now, Summary before) {
        return now == null || before == null ? Double.NaN : now.median() / before.median();
    }

    private static String orDash(double ratio) {
        return Double.isNaN(ratio) ? "-" : format("%.2f", ratio);
    }

    private static String count(double value) {
        return format("%,.0f", value);
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
