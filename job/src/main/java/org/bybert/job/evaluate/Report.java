package org.bybert.job.evaluate;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.bybert.job.ExecutorText;
import org.bybert.job.metrics.ResultTable;
import org.bybert.job.metrics.SetMetrics;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.masked.MaskedWordSettings;

/** What {@code bybert evaluate} prints on standard output. */
final class Report {

    private Report() {
    }

    static void print(ModelReference reference, MaskedWordSettings settings, List<SetMetrics> metrics,
                      Collection<ExecutorReport> executors, String out) {
        PrintStream stream = System.out;
        String unit = settings.unit().name().toLowerCase(Locale.ROOT);
        stream.println();
        stream.println("Masked-" + unit + " accuracy of " + reference.name()
                + " (mask rate " + settings.maskRate() + ", seed " + settings.seed() + ", "
                + (settings.maxBytes() == MaskedWordSettings.ALL ? "all lengths"
                        : "at most " + settings.maxBytes() + " bytes")
                + ")");
        stream.println();
        stream.print(ResultTable.of(metrics, unit));
        stream.println();
        for (SetMetrics set : metrics) {
            if (set.failed() > 0) {
                stream.println(set.set() + ": " + set.failed() + " of " + set.rows() + " rows failed: "
                        + set.failures());
            }
            if (set.duplicateIds() > 0) {
                stream.println(set.set() + ": " + set.duplicateIds() + " of " + set.rows()
                        + " rows have an id that an earlier row has");
            }
            if (set.scored() == 0) {
                stream.println(set.set() + ": no row could be scored, so there is no accuracy");
            }
        }
        stream.println("model " + reference.source() + ", fingerprint " + reference.fingerprint());
        executors.forEach(executor -> stream.println(ExecutorText.line(executor)));
        if (out != null) {
            stream.println("results written to " + out);
        }
    }
}
