package org.bybert.job.embed;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;
import scala.jdk.javaapi.CollectionConverters;

/**
 * From the rows of a unit (see {@link EmbedInput}) to the rows that are written. What they come to is known to the
 * driver before it hears that the task has ended.
 *
 * @param counters of all that is done
 * @param counted  receives the counts of each unit when its task ends
 */
record EmbedUnit(
        BatchPartition<String, float[]> embed,
        Precision precision,
        BatchMetrics counters,
        CollectionAccumulator<Counted> counted)
        implements MapPartitionsFunction<Row, Row> {

    /** What the rows of a unit come to. */
    record Counted(int unit, UnitCounts counts) implements Serializable {}

    private static final String OVERFLOW = "too large for float16: a value is over 65504";

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        TaskContext task = TaskContext.get();
        int unit = task.partitionId();
        AtomicReference<UnitCounts> tally = new AtomicReference<>(UnitCounts.NONE);
        // The driver is told with the result of a task that ends well, and of no other.
        task.addTaskCompletionListener((TaskCompletionListener) end -> counted.add(new Counted(unit, tally.get())));
        return embed.answers(rows, row -> row.getAs(EmbedInput.PROBLEM), (row, answer) -> {
            if (row.<Integer>getAs(EmbedInput.UNIT) != unit) {
                throw new IllegalStateException(
                        "the task of unit " + unit + " has a row of unit " + row.getAs(EmbedInput.UNIT));
            }
            return result(row, answer, tally);
        });
    }

    private Row result(Row row, Answer<float[]> answer, AtomicReference<UnitCounts> tally) {
        Precision.Stored stored = precision.store(answer.value());
        String error = answer.error();
        if (answer.value() != null && stored.numbers() == null) {
            error = OVERFLOW;
            counters.errors().add(TextProblem.kind(error), 1L);
        }
        long checksum = checksum(
                row.getAs(EmbedInput.ID),
                stored.numbers(),
                stored.scale(),
                answer.bytes(),
                answer.tokens(),
                answer.truncated(),
                error);
        tally.accumulateAndGet(UnitCounts.of(answer, error, checksum), UnitCounts::plus);
        List<Object> values =
                new ArrayList<>(CollectionConverters.asJava(row.toSeq()).subList(EmbedInput.KEPT, row.length()));
        values.add(stored.numbers());
        if (precision == Precision.INT8) {
            values.add(stored.scale());
        }
        values.addAll(Arrays.asList(answer.bytes(), answer.tokens(), answer.truncated(), error));
        return RowFactory.create(values.toArray());
    }

    /**
     * A 64-bit hash (XXH64) of one result: the bits of floats, bytes, and all else as text. Sums of hashes do not
     * depend on the order of the rows, so that two runs can be compared by one number.
     */
    static long checksum(Object... values) {
        long hash = 0;
        for (Object value : values) {
            if (value instanceof float[] floats) {
                hash = XXH64.hashUnsafeBytes(floats, Platform.FLOAT_ARRAY_OFFSET, Float.BYTES * floats.length, hash);
            } else if (value == null) {
                hash = XXH64.hashLong(-1, hash);
            } else {
                byte[] bytes =
                        value instanceof byte[] own ? own : value.toString().getBytes(StandardCharsets.UTF_8);
                hash = XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, hash);
            }
        }
        return hash;
    }
}
