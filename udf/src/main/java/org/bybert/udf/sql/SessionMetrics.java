package org.bybert.udf.sql;

import org.apache.spark.SparkContext;
import org.bybert.udf.batch.BatchMetrics;

/** The counters that all calls of an application share. */
final class SessionMetrics {

    private static SparkContext context;
    private static BatchMetrics metrics;

    private SessionMetrics() {
    }

    /** One set per Spark context. */
    static synchronized BatchMetrics of(SparkContext wanted) {
        if (wanted != context) {
            metrics = BatchMetrics.register(wanted);
            context = wanted;
        }
        return metrics;
    }
}
