package org.bybert.udf.sql.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The rows of a partition with the results of the calls appended. A bounded number of rows is read ahead, as results
 * are asked for, so that short texts share a batch.
 */
final class EvaluatedRows implements Iterator<InternalRow> {

    private static final int WINDOW_ROWS = 4096;
    private static final long WINDOW_BYTES = 4 << 20;

    private final Iterator<InternalRow> rows;
    private final List<UnitResults> units;
    private final UnsafeProjection input;
    private final UnsafeProjection output;
    private final JoinedRow joined = new JoinedRow();
    private final Deque<UnsafeRow> window = new ArrayDeque<>();
    private long windowBytes;

    EvaluatedRows(Iterator<InternalRow> rows, List<Expression> units, List<Attribute> input,
                  List<Attribute> output) {
        this.rows = rows;
        this.units = units.stream().map(unit -> results(unit, input)).toList();
        this.input = UnsafeProjection.create(ScalaLists.seq(input), ScalaLists.seq(input));
        this.output = UnsafeProjection.create(ScalaLists.seq(output), ScalaLists.seq(output));
    }

    private static UnitResults results(Expression unit, List<Attribute> input) {
        return unit instanceof ModelCall call
                ? new Batched(projection(call.child(), input), call.function().answers())
                : new RowByRow(projection(unit, input), unit);
    }

    private static UnsafeProjection projection(Expression expression, List<Attribute> input) {
        return UnsafeProjection.create(ScalaLists.seq(List.of(expression)), ScalaLists.seq(input));
    }

    @Override
    public boolean hasNext() {
        return !window.isEmpty() || rows.hasNext();
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (window.isEmpty()) {
            read();
        }
        while (rows.hasNext() && window.size() < WINDOW_ROWS && windowBytes < WINDOW_BYTES
                && !units.stream().allMatch(UnitResults::isReady)) {
            read();
        }
        UnsafeRow row = window.removeFirst();
        windowBytes -= row.getSizeInBytes();
        Object[] results = new Object[units.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = units.get(i).remove(row);
        }
        return output.apply(joined.apply(row, new GenericInternalRow(results)));
    }

    /** The row is copied: Spark uses one object for all of a partition. */
    private void read() {
        UnsafeRow row = input.apply(rows.next()).copy();
        windowBytes += row.getSizeInBytes();
        window.add(row);
        units.forEach(unit -> unit.add(row));
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
