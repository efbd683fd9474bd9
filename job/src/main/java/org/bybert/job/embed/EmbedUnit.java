package org.bybert.job.embed;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
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
record EmbedUnit(BatchPartition<float[]> embed, Precision precision, BatchMetrics counters,
                 CollectionAccumulator<Counted> counted) implements MapPartitionsFunction<Row, Row> {

    /** What the rows of a unit come to. */
    record Counted(int unit, UnitCounts counts) implements Serializable {
    }

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
                throw new IllegalStateException("the task of unit " + unit + " has a row of unit "
                        + row.getAs(EmbedInput.UNIT));
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
        RowChecksum checksum = new RowChecksum().add(row.<String>getAs(EmbedInput.ID)).addNumbers(stored.numbers())
                .add(stored.scale() == null ? -1 : Float.floatToRawIntBits(stored.scale()))
                .add(answer.bytes() == null ? -1 : answer.bytes())
                .add(answer.tokens() == null ? -1 : answer.tokens())
                .add(answer.truncated() ? 1 : 0)
                .add(error);
        tally.accumulateAndGet(UnitCounts.of(answer, error, checksum.value()), UnitCounts::plus);
        List<Object> values = new ArrayList<>(
                CollectionConverters.asJava(row.toSeq()).subList(EmbedInput.KEPT, row.length()));
        values.add(stored.numbers());
        if (precision == Precision.INT8) {
            values.add(stored.scale());
        }
        values.addAll(Arrays.asList(answer.bytes(), answer.tokens(), answer.truncated(), error));
        return RowFactory.create(values.toArray());
    }

    /**
     * A 64-bit hash of one result. Sums of hashes do not depend on the order of the rows, so that two runs can be
     * compared by one number.
     */
    static final class RowChecksum {

        private static final long FACTOR = 0x9e3779b97f4a7c15L;

        private long state = FACTOR;

        RowChecksum add(long value) {
            state = (state ^ value) * FACTOR;
            state ^= state >>> 32;
            return this;
        }

        RowChecksum add(String value) {
            return value == null ? add(-1) : add(value.length(), value.chars());
        }

        /** Of an embedding as it is stored: the bits of floats, or bytes; null where there is none. */
        RowChecksum addNumbers(Object numbers) {
            if (numbers instanceof float[] vector) {
                return add(vector.length, IntStream.range(0, vector.length)
                        .map(i -> Float.floatToRawIntBits(vector[i])));
            }
            byte[] bytes = (byte[]) numbers;
            return bytes == null ? add(-1)
                    : add(bytes.length, IntStream.range(0, bytes.length).map(i -> bytes[i]));
        }

        private RowChecksum add(int count, IntStream values) {
            add(count);
            values.forEach(this::add);
            return this;
        }

        long value() {
            return state;
        }
    }
}
