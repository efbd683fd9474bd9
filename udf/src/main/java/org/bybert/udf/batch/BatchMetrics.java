package org.bybert.udf.batch;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.bybert.udf.ExecutorReports;

/**
 * What was done and what could not be taken as it was; Spark's UI shows each by name. A task that is tried again may
 * count its rows twice.
 *
 * @param batches    that the model computed
 * @param rows       answered, with a result or an error
 * @param bytes      of the texts of these rows, in the model's encoding
 * @param tokens     that the model read
 * @param padding    tokens that would have been added, had each batch been padded to its longest row
 * @param truncated  rows of which only the beginning was read
 * @param repaired   texts with unpaired surrogates, which were read as U+FFFD
 * @param duplicates rows that took over the answer of another with the same text
 * @param errors     rows without a result, by reason
 * @param executors  which executor opened the model, and how long that took
 */
public record BatchMetrics(LongAccumulator batches, LongAccumulator rows, LongAccumulator bytes, LongAccumulator tokens,
                           LongAccumulator padding, LongAccumulator truncated, LongAccumulator repaired,
                           LongAccumulator duplicates, ReasonCounts errors, ExecutorReports executors)
        implements Serializable {

    /** New counters at zero, known to Spark. */
    public static BatchMetrics register(SparkContext context) {
        ReasonCounts errors = new ReasonCounts();
        context.register(errors, "bybert errors");
        ExecutorReports executors = new ExecutorReports();
        context.register(executors, "bybert executors");
        return new BatchMetrics(
                context.longAccumulator("bybert batches"),
                context.longAccumulator("bybert rows"),
                context.longAccumulator("bybert bytes"),
                context.longAccumulator("bybert tokens"),
                context.longAccumulator("bybert padding tokens avoided"),
                context.longAccumulator("bybert rows truncated"),
                context.longAccumulator("bybert texts with unpaired surrogates"),
                context.longAccumulator("bybert duplicates"),
                errors, executors);
    }

    /** Counts a batch that the model read, by the token ids of its rows. */
    public void addBatch(List<int[]> batch) {
        long longest = 0;
        long sum = 0;
        for (int[] ids : batch) {
            longest = Math.max(longest, ids.length);
            sum += ids.length;
        }
        batches.add(1);
        tokens.add(sum);
        padding.add(longest * batch.size() - sum);
    }

    /** Counts a row that is answered, with a result or an error. */
    public void addRow(Answer<?> answer) {
        rows.add(1);
        if (answer.bytes() != null) {
            bytes.add(answer.bytes());
        }
        if (answer.truncated()) {
            truncated.add(1);
        }
        if (answer.error() != null) {
            errors.add(reason(answer.error()));
        }
    }

    /** The part of an error that rows have in common. */
    public static String reason(String error) {
        int colon = error.indexOf(':');
        return colon < 0 ? error : error.substring(0, colon);
    }

    /** The counts so far, under the names they have in {@code metrics.json}; the executors are not among them. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rows", rows.value());
        map.put("bytes", bytes.value());
        map.put("tokens", tokens.value());
        map.put("batches", batches.value());
        map.put("padding_tokens_avoided", padding.value());
        map.put("truncated", truncated.value());
        map.put("repaired", repaired.value());
        map.put("duplicates", duplicates.value());
        map.put("errors", errors.value());
        return map;
    }
}
