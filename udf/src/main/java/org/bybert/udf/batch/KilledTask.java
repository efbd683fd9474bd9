package org.bybert.udf.batch;

import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** Ends a task that Spark no longer wants, at a place where nothing is left half done. */
public final class KilledTask {

    private KilledTask() {
    }

    /** To be called between two batches; outside of a task it does nothing. */
    public static void check() {
        TaskContext context = TaskContext.get();
        if (context != null && context.isInterrupted()) {
            throw new TaskKilledException("killed between two batches");
        }
    }
}
