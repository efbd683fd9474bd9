package org.bybert.job.embed;

import java.io.Serializable;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;

/**
 * What a unit, or a whole run, came to: counted from the rows that were written, so that a task that was tried again
 * counts once.
 *
 * @param rows      with a result or an error
 * @param bytes     of their texts, in the model's encoding
 * @param tokens    that the model read for them
 * @param truncated rows of which only the beginning was read
 * @param errors    rows without a result, by reason
 * @param checksum  sum of the rows' {@link EmbedUnit.RowChecksum}, in hexadecimal
 */
record UnitCounts(long rows, long bytes, long tokens, long truncated, Map<String, Long> errors, String checksum)
        implements Serializable {

    long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    static UnitCounts sum(Collection<UnitMarker> units) {
        Tally sum = new Tally();
        units.forEach(unit -> sum.add(unit.counts()));
        return sum.counts();
    }

    /** Counts on the way. */
    static final class Tally {

        private final TreeMap<String, Long> errors = new TreeMap<>();
        private long rows;
        private long bytes;
        private long tokens;
        private long truncated;
        private long checksum;

        /** @param error of the row that is written, or null */
        void add(Answer<?> answer, String error, long rowChecksum) {
            rows++;
            bytes += answer.bytes() == null ? 0 : answer.bytes();
            tokens += answer.tokens() == null ? 0 : answer.tokens();
            truncated += answer.truncated() ? 1 : 0;
            checksum += rowChecksum;
            if (error != null) {
                errors.merge(TextProblem.kind(error), 1L, Long::sum);
            }
        }

        private void add(UnitCounts part) {
            rows += part.rows;
            bytes += part.bytes;
            tokens += part.tokens;
            truncated += part.truncated;
            part.errors.forEach((reason, count) -> errors.merge(reason, count, Long::sum));
            checksum += Long.parseUnsignedLong(part.checksum, 16);
        }

        UnitCounts counts() {
            return new UnitCounts(rows, bytes, tokens, truncated, errors, HexFormat.of().toHexDigits(checksum));
        }
    }
}
