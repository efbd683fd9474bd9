package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchReportTest {

    @TempDir
    Path folder;

    private static BenchReport report(BenchReport.Measurement... measurements) {
        return new BenchReport(
                "encoder",
                new BenchReport.Machine("cpu", 2, "17", 1 << 30),
                "bybert-jp-100m",
                12,
                "vector-512",
                "F32",
                new Summary(190, 180, 192),
                List.of(measurements),
                List.of(new BenchReport.Scaling("32", 2, new Summary(1.9, 1.8, 2), new Summary(1.95, 1.9, 2))),
                List.of(new BenchReport.StageTable(
                        "32",
                        List.of(
                                new BenchReport.StageTable.Row("norm", 0.02, null),
                                new BenchReport.StageTable.Row("down", 0.3, 0.85)))),
                List.of(new BenchReport.ColdStart(true, 1, 1.1, 3, 1.4, 0.2, 8)));
    }

    private static BenchReport.Measurement measurement(String name, double tokens, Double fraction) {
        Summary spread = fraction == null ? null : new Summary(fraction, fraction, fraction);
        return new BenchReport.Measurement(name, 32, new Summary(tokens, tokens, tokens), spread, spread, 1, 0);
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("report.json"), text);
    }

    @Test
    void jsonGoesThereAndBack() throws IOException {
        BenchReport report = report(measurement("32", 700, 0.5), measurement("exp, values", 1e9, null));
        assertEquals(report, BenchReport.read(file(BenchReport.json(report))));
    }

    @Test
    void aReportWithUnknownOrWithoutLaterFieldsCanBeRead() throws IOException {
        BenchReport read = BenchReport.read(file("{\"bench\": \"encoder\", \"later\": 1}"));
        assertEquals(List.of(), read.measurements());
        assertThrows(IOException.class, () -> BenchReport.read(file("[1]")));
    }

    @Test
    void comparesWhatBothRunsHold() {
        BenchReport before =
                report(measurement("32", 500, 0.5), measurement("gone", 1, 0.1), measurement("exp, values", 100, null));
        BenchReport now =
                report(measurement("new", 1, 0.1), measurement("32", 750, 0.6), measurement("exp, values", 200, null));
        List<String> rows = ReportText.against(now, before)
                .lines()
                .skip(3)
                .map(row -> row.replaceAll(" {2,}", "|"))
                .toList();
        assertEquals(List.of("32|1.50|1.20", "exp, values|2.00|-"), rows);
        BenchReport.Measurement first = now.measurements().get(1);
        BenchReport.Measurement second = now.measurements().get(2);
        BenchReport.Measurement firstBefore = before.measurements().get(0);
        BenchReport.Measurement secondBefore = before.measurements().get(2);
        assertEquals(1.5, ReportText.ratio(first.tokensPerSecond(), firstBefore.tokensPerSecond()), 1e-12);
        assertEquals(1.2, ReportText.ratio(first.fractionOfPeak(), firstBefore.fractionOfPeak()), 1e-12);
        assertEquals(2, ReportText.ratio(second.tokensPerSecond(), secondBefore.tokensPerSecond()), 1e-12);
        assertTrue(Double.isNaN(ReportText.ratio(second.fractionOfPeak(), secondBefore.fractionOfPeak())));
    }

    @Test
    void aSpreadHoldsMedianAndExtremes() {
        assertEquals(new Summary(2, 1, 9), Summary.of(9, 1, 2));
        assertEquals(new Summary(2.5, 1, 9), Summary.of(9, 3, 1, 2));
        assertThrows(IllegalArgumentException.class, Summary::of);
    }
}
