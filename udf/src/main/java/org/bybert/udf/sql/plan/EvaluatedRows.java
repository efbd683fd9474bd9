package org.bybert.udf.sql.plan;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.ReadAhead;

/**
 * The rows of a partition with the results of the calls appended. A bounded number of rows is read ahead, as results
 * are asked for, so that short texts share a batch.
 */
final class EvaluatedRows {

    private final List<UnitResults> units;
    private final UnsafeProjection output;
    private final JoinedRow joined = new JoinedRow();

    private EvaluatedRows(List<UnitResults> units, UnsafeProjection output) {
        this.units = units;
        this.output = output;
    }

    static Iterator<InternalRow> of(Iterator<InternalRow> rows, List<Expression> units, List<Attribute> input,
                                    List<Attribute> output) {
        UnsafeProjection projection = UnsafeProjection.create(ScalaLists.seq(input), ScalaLists.seq(input));
        Iterator<UnsafeRow> copies = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            /** Spark uses one object for all rows of a partition. */
            @Override
            public UnsafeRow next() {
                return projection.apply(rows.next()).copy();
            }
        };
        EvaluatedRows results = new EvaluatedRows(units.stream().map(unit -> results(unit, input)).toList(),
                UnsafeProjection.create(ScalaLists.seq(output), ScalaLists.seq(output)));
        return new ReadAhead<>(copies, UnsafeRow::getSizeInBytes, BatchOptions.DEFAULTS,
                row -> results.units.forEach(unit -> unit.add(row)),
                () -> results.units.stream().allMatch(UnitResults::isReady), results::remove);
    }

    private static UnitResults results(Expression unit, List<Attribute> input) {
        TextFunction.Answers answers = unit instanceof ModelCall call ? call.function().answers() : null;
        return answers == null ? new RowByRow(projection(unit, input), unit)
                : new Batched(projection(((ModelCall) unit).child(), input), answers);
    }

    private static UnsafeProjection projection(Expression expression, List<Attribute> input) {
        return UnsafeProjection.create(ScalaLists.seq(List.of(expression)), ScalaLists.seq(input));
    }

    private InternalRow remove(UnsafeRow row) {
        Object[] values = new Object[units.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = units.get(i).remove(row);
        }
        return output.apply(joined.apply(row, new GenericInternalRow(values)));
    }

    /** Results of one unit of {@link EvaluateCalls}, for rows that come and go in one order. */
    private interface UnitResults {

        void add(InternalRow row);

        boolean isReady();

        /** @param row the one that was added first */
        Object remove(InternalRow row);
    }

    /** The texts are known early, their answers come in batches. */
    private record Batched(UnsafeProjection text, TextFunction.Answers answers) implements UnitResults {

        @Override
        public void add(InternalRow row) {
            UTF8String value = text.apply(row).getUTF8String(0);
            answers.add(value == null ? null : value.toString());
        }

        @Override
        public boolean isReady() {
            return answers.isReady();
        }

        @Override
        public Object remove(InternalRow row) {
            return answers.remove();
        }
    }

    /** The calls are evaluated inside the expression, only where it needs them. */
    private record RowByRow(UnsafeProjection value, Expression unit) implements UnitResults {

        @Override
        public void add(InternalRow row) {
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public Object remove(InternalRow row) {
            InternalRow result = value.apply(row).copy();
            return result.isNullAt(0) ? null : result.get(0, unit.dataType());
        }
    }
}
