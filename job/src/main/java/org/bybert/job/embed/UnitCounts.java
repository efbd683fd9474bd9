package org.bybert.job.embed;

import java.io.Serializable;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a unit, or a whole run, came to: counted from the rows that were written, so that a task that was tried again
 * counts once.
 *
 * @param rows      with a result or an error
 * @param bytes     of their texts, in the model's encoding
 * @param tokens    that the model read for them
 * @param truncated rows of which only the beginning was read
 * @param errors    rows without a result, by reason
 * @param checksum  sum of the rows' {@link RowChecksum}, in hexadecimal
 */
record UnitCounts(long rows, long bytes, long tokens, long truncated, Map<String, Long> errors, String checksum)
        implements Serializable {

    long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    static UnitCounts sum(Collection<UnitCounts> parts) {
        long rows = 0;
        long bytes = 0;
        long tokens = 0;
        long truncated = 0;
        long checksum = 0;
        TreeMap<String, Long> errors = new TreeMap<>();
        for (UnitCounts part : parts) {
            rows += part.rows;
            bytes += part.bytes;
            tokens += part.tokens;
            truncated += part.truncated;
            part.errors.forEach((reason, count) -> errors.merge(reason, count, Long::sum));
            checksum += Long.parseUnsignedLong(part.checksum, 16);
        }
        return new UnitCounts(rows, bytes, tokens, truncated, errors, hex(checksum));
    }

    static String hex(long checksum) {
        return String.format("%016x", checksum);
    }
}
