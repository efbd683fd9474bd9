package org.bybert.udf.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * A stream of what is made of rows and their answers, in the order of the rows. No more than a window of rows is in memory;
 * texts that are alike within it are computed once. Rows are read only as results are asked for.
 */
final class BatchedRows<A, R> implements Iterator<R> {

    private final Iterator<Row> rows;
    private final int textIndex;
    private final AnswerWindow<A> answers;
    private final BatchOptions options;
    private final Function<Row, String> problem;
    private final BiFunction<Row, Answer<A>, R> result;
    private final Deque<Waiting> window = new ArrayDeque<>();
    private long windowBytes;

    private record Waiting(Row row, long bytes) {
    }

    BatchedRows(Iterator<Row> rows, int textIndex, AnswerWindow<A> answers, BatchOptions options,
                Function<Row, String> problem, BiFunction<Row, Answer<A>, R> result) {
        this.rows = rows;
        this.textIndex = textIndex;
        this.answers = answers;
        this.options = options;
        this.problem = problem;
        this.result = result;
    }

    @Override
    public boolean hasNext() {
        return !window.isEmpty() || rows.hasNext();
    }

    @Override
    public R next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (!answers.isReady()) {
            readAhead();
        }
        Answer<A> answer = answers.remove();
        Waiting next = window.removeFirst();
        windowBytes -= next.bytes();
        return result.apply(next.row(), answer);
    }

    private void readAhead() {
        while (rows.hasNext() && window.size() < options.windowRows() && windowBytes < options.windowBytes()) {
            Row row = rows.next();
            String refusal = problem.apply(row);
            if (refusal == null) {
                answers.add(row.getString(textIndex));
            } else {
                answers.refuse(refusal);
            }
            long bytes = size(row);
            windowBytes += bytes;
            window.add(new Waiting(row, bytes));
        }
    }

    /** Only what can be large: strings and binary values. */
    private static long size(Row row) {
        long size = 0;
        for (int i = 0; i < row.length(); i++) {
            Object value = row.get(i);
            if (value instanceof String text) {
                size += text.length();
            } else if (value instanceof byte[] bytes) {
                size += bytes.length;
            }
        }
        return size;
    }

    static Row append(Row row, Object[] more) {
        Object[] values = new Object[row.length() + more.length];
        for (int i = 0; i < row.length(); i++) {
            values[i] = row.get(i);
        }
        System.arraycopy(more, 0, values, row.length(), more.length);
        return RowFactory.create(values);
    }
}
