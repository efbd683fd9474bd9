package org.bybert.job.evaluate;

import java.util.Locale;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.bybert.job.terminal.Progress;
import org.bybert.job.terminal.Terminal;
import scala.jdk.javaapi.CollectionConverters;

/** Progress in rows, which count for good when their task ends. */
final class RowProgress extends Progress {

    private final long accumulator;

    /** @param accumulator id of the accumulator that counts rows */
    RowProgress(Terminal terminal, long accumulator, long rows) {
        super(terminal, accumulator, rows, 0);
        this.accumulator = accumulator;
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        super.onTaskEnd(end);
        CollectionConverters.asJava(end.taskInfo().accumulables()).forEach(info -> {
            if (info.id() == accumulator
                    && end.taskInfo().successful()
                    && info.update().getOrElse(() -> null) instanceof Long rows) {
                add(rows);
            }
        });
    }

    @Override
    protected String amount(long n) {
        return EvaluationReport.rows(n);
    }

    @Override
    protected String part(long n) {
        return EvaluationReport.count(n);
    }

    @Override
    protected String rate(double n) {
        return String.format(Locale.ROOT, "%.1f rows", n);
    }
}
