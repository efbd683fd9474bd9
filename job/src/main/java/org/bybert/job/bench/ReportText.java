package org.bybert.job.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bybert.encoder.bench.BenchReport;
import org.bybert.encoder.bench.ColdStart;
import org.bybert.encoder.bench.Comparison;
import org.bybert.encoder.bench.Machine;
import org.bybert.encoder.bench.Measurement;
import org.bybert.encoder.bench.Scaling;
import org.bybert.encoder.bench.Spread;
import org.bybert.encoder.bench.StageTable;
import org.bybert.job.TextTable;

/** A report for the terminal. Medians come first, the lowest and highest round after them. */
final class ReportText {

    private ReportText() {
    }

    static String of(BenchReport report) {
        StringBuilder text = new StringBuilder();
        Machine machine = report.machine();
        text.append(format("%s, %d layers, weights %s, kernels %s%nJava %s; %s, %d processors%n", report.model(),
                report.layers(), report.weights(), report.kernels(), machine.java(), machine.cpu(),
                machine.processors()));
        if (report.peakGflops() != null) {
            text.append(format("peak of one core: %.0f GFLOP/s (%.0f-%.0f) of multiply-adds%n",
                    report.peakGflops().median(), report.peakGflops().low(), report.peakGflops().high()));
        }
        if (!report.measurements().isEmpty()) {
            text.append('\n').append(measurements(report.measurements(), report.bench()));
        }
        report.stages().forEach(table -> text.append('\n').append(stages(table)));
        if (!report.scaling().isEmpty()) {
            text.append('\n').append(scaling(report.scaling()));
        }
        if (!report.coldStarts().isEmpty()) {
            text.append('\n').append(coldStarts(report.coldStarts()));
        }
        return text.toString();
    }

    private static String measurements(List<Measurement> measurements, String bench) {
        List<List<String>> rows = new ArrayList<>();
        String unit = bench.equals("encoder") ? "tokens/s" : "rows/s";
        rows.add(List.of(bench.equals("encoder") ? "length" : "kernel", unit, "spread", "GFLOP/s", "of peak", "spread",
                "bytes/call", "on core"));
        for (Measurement m : measurements) {
            rows.add(List.of(m.name(), number(m.tokensPerSecond().median()), spread(m.tokensPerSecond()),
                    m.gflops() == null ? "-" : format("%.1f", m.gflops().median()),
                    m.fractionOfPeak() == null ? "-" : percent(m.fractionOfPeak().median()),
                    m.fractionOfPeak() == null ? "-" : format("%.0f-%.0f", 100 * m.fractionOfPeak().low(),
                            100 * m.fractionOfPeak().high()),
                    format("%,d", m.bytesPerCall()), format("%.0f %%", 100 * m.cpuShare())));
        }
        return TextTable.of(rows);
    }

    private static String stages(StageTable table) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("stage, length " + table.name(), "share of time", "of peak"));
        for (StageTable.Row row : table.stages()) {
            rows.add(List.of(row.stage(), percent(row.share()),
                    row.fractionOfPeak() == null ? "-" : percent(row.fractionOfPeak())));
        }
        return TextTable.of(rows);
    }

    private static String scaling(List<Scaling> scaling) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(scaling.get(0).threads() + " threads, length", "× one", "spread", "multiply-adds × one",
                "spread"));
        for (Scaling s : scaling) {
            rows.add(List.of(s.name(), format("%.2f", s.ratio().median()), ratios(s.ratio()),
                    format("%.2f", s.fma().median()), ratios(s.fma())));
        }
        return TextTable.of(rows);
    }

    private static String coldStarts(List<ColdStart> starts) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("fresh JVM", "open", "first answer", "rows to 90 %", "time to 90 %", "time lost",
                "rows/s steady"));
        for (ColdStart s : starts) {
            rows.add(List.of(s.warmUp() ? "with warm-up" : "without", format("%.2f s", s.openSeconds()),
                    format("%.2f s", s.firstAnswerSeconds()), format("%,d", s.rowsToSteady()),
                    format("%.2f s", s.secondsToSteady()), format("%.2f s", s.secondsLost()),
                    format("%.1f", s.rowsPerSecond())));
        }
        return TextTable.of(rows);
    }

    static String against(BenchReport now, BenchReport before) {
        List<Comparison> comparisons = Comparison.of(now, before);
        if (comparisons.isEmpty()) {
            return "\nNothing of the earlier run was measured this time.\n";
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("× the earlier run", "tokens/s", "of peak"));
        for (Comparison c : comparisons) {
            rows.add(List.of(c.name(), format("%.2f", c.tokensRatio()),
                    Double.isNaN(c.fractionRatio()) ? "-" : format("%.2f", c.fractionRatio())));
        }
        String earlier = before.model().equals(now.model()) && before.layers() == now.layers() ? ""
                : format("(the earlier run measured %s, %d layers)%n", before.model(), before.layers());
        return '\n' + TextTable.of(rows) + earlier;
    }

    private static String spread(Spread spread) {
        return number(spread.low()) + '-' + number(spread.high());
    }

    private static String ratios(Spread spread) {
        return format("%.2f-%.2f", spread.low(), spread.high());
    }

    private static String number(double value) {
        return value >= 1e7 ? format("%,.0f M", value / 1e6) : format("%,.0f", value);
    }

    private static String percent(double share) {
        return format("%.1f %%", 100 * share);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
