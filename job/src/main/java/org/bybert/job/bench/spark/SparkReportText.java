package org.bybert.job.bench.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bybert.encoder.bench.Spread;
import org.bybert.job.TextTable;

/** A report for the terminal. Medians come first, the lowest and highest round after them. */
final class SparkReportText {

    private static final double MIB = 1 << 20;

    private SparkReportText() {
    }

    static String of(SparkReport report) {
        return format("%s, %d layers, weights %s, kernels %s%nJava %s; %s, %d processors%n", report.model(),
                report.layers(), report.weights(), report.kernels(), report.machine().java(), report.machine().cpu(),
                report.machine().processors())
                + format("%,d sentences, %,d bytes, in %d rounds; batches of at most %,d bytes%n%n", report.rows(),
                report.bytes(), report.rounds(), report.batchBytes())
                + speeds(report.speeds()) + '\n' + ratios(report.ratios()) + '\n' + memory(report);
    }

    private static String speeds(List<SparkReport.Speed> speeds) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "bytes/s", "spread", "bytes/core second", "spread"));
        for (SparkReport.Speed speed : speeds) {
            rows.add(List.of(speed.name(), number(speed.bytesPerSecond().median()), range(speed.bytesPerSecond()),
                    number(speed.bytesPerCoreSecond().median()), range(speed.bytesPerCoreSecond())));
        }
        return TextTable.of(rows);
    }

    private static String ratios(List<SparkReport.Ratio> ratios) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "by the clock", "spread", "by core time", "spread"));
        for (SparkReport.Ratio ratio : ratios) {
            Spread core = ratio.byCoreTime();
            rows.add(List.of(ratio.name(), format("%.3f", ratio.byClock().median()), narrow(ratio.byClock()),
                    core == null ? "-" : format("%.3f", core.median()), core == null ? "-" : narrow(core)));
        }
        return TextTable.of(rows);
    }

    private static String memory(SparkReport report) {
        StringBuilder text = new StringBuilder(format("weights: %.0f MiB in their file; opened %d time(s) in this JVM%n",
                report.weightBytes() / MIB, report.modelOpens()));
        for (SparkReport.Heap heap : report.heap()) {
            text.append(heap.slots() == 0
                    ? format("heap after GC: %.0f MiB without a model%n", heap.bytes() / MIB)
                    : format("heap after GC: %.0f MiB once local[%d] has run%n", heap.bytes() / MIB, heap.slots()));
        }
        return text.toString();
    }

    private static String narrow(Spread spread) {
        return format("%.3f-%.3f", spread.low(), spread.high());
    }

    private static String range(Spread spread) {
        return number(spread.low()) + '-' + number(spread.high());
    }

    private static String number(double value) {
        return format("%,.0f", value);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
