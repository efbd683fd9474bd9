package org.bybert.job.metrics;

import java.util.SortedMap;

/**
 * Results of one evaluation set.
 *
 * @param rows         rows read
 * @param scored       rows that entered the accuracies
 * @param excluded     rows left out for their length ({@code --max-bytes})
 * @param duplicateIds rows whose id another row of the set has, beyond the first
 * @param failures     rows that could not be scored, by kind of error
 * @param words        accuracy per masked unit
 * @param bytes        accuracy per masked byte
 */
public record SetMetrics(
        String set, long rows, long scored, long excluded, long duplicateIds,
        SortedMap<String, Long> failures, Accuracy words, Accuracy bytes) {

    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }
}
