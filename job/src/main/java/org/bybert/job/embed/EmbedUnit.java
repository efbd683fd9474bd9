package org.bybert.job.embed;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;

/**
 * From the rows of a unit (see {@link EmbedInput}) to the rows that are written. What they come to is known to the
 * driver before it hears that the task has ended.
 *
 * @param counters of all that is done
 * @param counted  receives the counts of each unit when all its rows have been taken
 */
record EmbedUnit(BatchPartition<float[]> embed, Precision precision, BatchMetrics counters,
                 CollectionAccumulator<Counted> counted) implements MapPartitionsFunction<Row, Row> {

    /** What the rows of a unit come to. */
    record Counted(int unit, UnitCounts counts) implements Serializable {
    }

    private static final String OVERFLOW = "too large for float16: a value is over 65504";

    /**
     * The kept columns, then {@code embedding}, {@code scale} where the precision has one, and the other columns of
     * {@link BatchPartition#schema}.
     *
     * @throws IllegalArgumentException where a kept column has one of these names
     */
    static StructType schema(StructType kept, Precision precision) {
        StructType schema = kept;
        StructField[] fields = BatchPartition.schema(kept, BatchPartition.EMBEDDING).fields();
        schema = schema.add(fields[kept.size()].name(), precision.type(), true);
        if (precision.hasScale()) {
            schema = schema.add(Precision.SCALE, DataTypes.FloatType, true);
        }
        for (StructField field : Arrays.asList(fields).subList(kept.size() + 1, fields.length)) {
            schema = schema.add(field);
        }
        return schema;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return Collections.emptyIterator();
        }
        int unit = TaskContext.getPartitionId();
        UnitCounts.Tally tally = new UnitCounts.Tally();
        Iterator<Row> results = embed.answers(rows, row -> row.getAs(EmbedInput.PROBLEM), (row, answer) -> {
            if (row.<Integer>getAs(EmbedInput.UNIT) != unit) {
                throw new IllegalStateException("the task of unit " + unit + " has a row of unit "
                        + row.getAs(EmbedInput.UNIT));
            }
            return result(row, answer, tally);
        });
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                boolean hasNext = results.hasNext();
                if (!hasNext && !tally.isClosed()) {
                    counted.add(new Counted(unit, tally.close()));
                }
                return hasNext;
            }

            @Override
            public Row next() {
                return results.next();
            }
        };
    }

    private Row result(Row row, Answer<float[]> answer, UnitCounts.Tally tally) {
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
        tally.add(answer, error, checksum.value());
        List<Object> values = new ArrayList<>();
        for (int i = EmbedInput.KEPT; i < row.length(); i++) {
            values.add(row.get(i));
        }
        values.add(stored.numbers());
        if (precision.hasScale()) {
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
            if (value == null) {
                return add(-1);
            }
            add(value.length());
            for (int i = 0; i < value.length(); i++) {
                add(value.charAt(i));
            }
            return this;
        }

        /** Of an embedding as it is stored: the bits of floats, or bytes; null where there is none. */
        RowChecksum addNumbers(Object numbers) {
            if (numbers == null) {
                return add(-1);
            }
            if (numbers instanceof byte[] bytes) {
                add(bytes.length);
                for (byte value : bytes) {
                    add(value);
                }
                return this;
            }
            float[] vector = (float[]) numbers;
            add(vector.length);
            for (float value : vector) {
                add(Float.floatToRawIntBits(value));
            }
            return this;
        }

        long value() {
            return state;
        }
    }
}
