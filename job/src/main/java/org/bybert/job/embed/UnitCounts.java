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
 * @param checksum  sum of the rows' {@link EmbedUnit#checksum}, in hexadecimal
 */
record UnitCounts(long rows, long bytes, long tokens, long truncated, Map<String, Long> errors, String checksum)
        implements Serializable {

    static final UnitCounts NONE = new UnitCounts(0, 0, 0, 0, Map.of(), "0".repeat(16));

    long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @param error of the row that is written, or null */
    static UnitCounts of(Answer<?> answer, String error, long rowChecksum) {
        Map<String, Long> errors = error == null ? Map.of() : Map.of(TextProblem.kind(error), 1L);
        return new UnitCounts(
                1,
                answer.bytes() == null ? 0 : answer.bytes(),
                answer.tokens() == null ? 0 : answer.tokens(),
                answer.truncated() ? 1 : 0,
                errors,
                HexFormat.of().toHexDigits(rowChecksum));
    }

    UnitCounts plus(UnitCounts more) {
        Map<String, Long> all = errors;
        // Few rows have one, and each row is added.
        if (!more.errors.isEmpty()) {
            all = new TreeMap<>(errors);
            for (Map.Entry<String, Long> error : more.errors.entrySet()) {
                all.merge(error.getKey(), error.getValue(), Long::sum);
            }
        }
        long sum = Long.parseUnsignedLong(checksum, 16) + Long.parseUnsignedLong(more.checksum, 16);
        return new UnitCounts(
                rows + more.rows,
                bytes + more.bytes,
                tokens + more.tokens,
                truncated + more.truncated,
                all,
                HexFormat.of().toHexDigits(sum));
    }

    static UnitCounts sum(Collection<UnitMarker> units) {
        return units.stream().map(UnitMarker::counts).reduce(NONE, UnitCounts::plus);
    }
}
