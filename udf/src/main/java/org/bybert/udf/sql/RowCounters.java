package org.bybert.udf.sql;

import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/**
 * Counts what the functions could not take as it was; Spark's UI shows them by name. A task that is tried again may
 * count its rows twice.
 *
 * @param tooLong   texts over the limit that were rejected
 * @param truncated texts over the limit that were cut
 * @param repaired  texts with unpaired surrogates, which were read as U+FFFD
 */
public record RowCounters(LongAccumulator tooLong, LongAccumulator truncated, LongAccumulator repaired)
        implements Serializable {

    static RowCounters register(SparkContext context) {
        return new RowCounters(context.longAccumulator("bybert rows too long"),
                context.longAccumulator("bybert rows truncated"),
                context.longAccumulator("bybert rows with unpaired surrogates"));
    }
}
