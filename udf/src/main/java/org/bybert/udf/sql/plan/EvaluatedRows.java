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
        this.units = units.stream().map(unit -> UnitResults.of(unit, input)).toList();
        this.input = UnsafeProjection.create(ScalaLists.seq(input), ScalaLists.seq(input));
        this.output = UnsafeProjection.create(ScalaLists.seq(output), ScalaLists.seq(output));
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
}
