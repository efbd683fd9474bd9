package org.bybert.job.embed;

import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.bybert.encoder.batch.TextProblem;

/** Counts the rows of the unit that a task computes, for the task's commit, which Spark calls later in the same JVM. */
final class UnitTally {

    private static final ConcurrentHashMap<Long, UnitTally> OF_TASK = new ConcurrentHashMap<>();

    private final int unit;
    private final TreeMap<String, Long> errors = new TreeMap<>();
    private long rows;
    private long bytes;
    private long tokens;
    private long truncated;
    private long checksum;

    private UnitTally(int unit) {
        this.unit = unit;
    }

    /** Begins to count for the calling task. */
    static UnitTally begin(int unit) {
        TaskContext context = TaskContext.get();
        UnitTally tally = new UnitTally(unit);
        OF_TASK.put(context.taskAttemptId(), tally);
        context.addTaskCompletionListener((TaskCompletionListener) ended -> OF_TASK.remove(ended.taskAttemptId()));
        return tally;
    }

    /** What the calling task has counted; null where it had no row. */
    static UnitTally ofThisTask() {
        return OF_TASK.get(TaskContext.get().taskAttemptId());
    }

    /** @throws IllegalStateException where the row is of another unit: units must not be spread over tasks */
    void add(int rowUnit, Integer rowBytes, Integer rowTokens, boolean rowTruncated, String error, long rowChecksum) {
        if (rowUnit != unit) {
            throw new IllegalStateException("one task has rows of the units " + unit + " and " + rowUnit);
        }
        rows++;
        bytes += rowBytes == null ? 0 : rowBytes;
        tokens += rowTokens == null ? 0 : rowTokens;
        truncated += rowTruncated ? 1 : 0;
        checksum += rowChecksum;
        if (error != null) {
            errors.merge(TextProblem.kind(error), 1L, Long::sum);
        }
    }

    int unit() {
        return unit;
    }

    UnitCounts counts() {
        return new UnitCounts(rows, bytes, tokens, truncated, errors, UnitCounts.hex(checksum));
    }
}
