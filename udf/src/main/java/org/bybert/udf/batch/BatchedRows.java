package org.bybert.udf.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * A stream of rows with their answers appended, in the order of the rows. No more than a window of rows is in memory;
 * texts that are alike within it are computed once. Rows are read only as results are asked for.
 */
final class BatchedRows<A> implements Iterator<Row> {

    private final Iterator<Row> rows;
    private final int textIndex;
    private final TextBatcher<A> batcher;
    private final BatchOptions options;
    private final BatchMetrics metrics;
    private final Function<Answer<A>, Object[]> columns;
    private final Deque<Waiting<A>> window = new ArrayDeque<>();
    private final Map<String, PendingText<A>> texts = new HashMap<>();
    private long windowBytes;

    private record Waiting<A>(Row row, long bytes, PendingText<A> text) {
    }

    BatchedRows(Iterator<Row> rows, int textIndex, TextBatcher<A> batcher, BatchOptions options, BatchMetrics metrics,
                Function<Answer<A>, Object[]> columns) {
        this.rows = rows;
        this.textIndex = textIndex;
        this.batcher = batcher;
        this.options = options;
        this.metrics = metrics;
        this.columns = columns;
    }

    @Override
    public boolean hasNext() {
        return !window.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (window.isEmpty()) {
            readAhead();
        }
        while (window.getFirst().text().answer() == null) {
            readAhead();
            batcher.run();
        }
        Waiting<A> next = window.removeFirst();
        windowBytes -= next.bytes();
        if (next.text().leave() == 0) {
            texts.remove(next.row().getString(textIndex));
        }
        metrics.addRow(next.text().answer());
        return append(next.row(), columns.apply(next.text().answer()));
    }

    private void readAhead() {
        while (rows.hasNext() && window.size() < options.windowRows() && windowBytes < options.windowBytes()) {
            Row row = rows.next();
            String text = row.getString(textIndex);
            PendingText<A> pending = texts.computeIfAbsent(text, batcher::add);
            if (pending.join() > 1 && !pending.isRefused()) {
                metrics.duplicates().add(1);
            }
            long bytes = size(row);
            windowBytes += bytes;
            window.add(new Waiting<>(row, bytes, pending));
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

    private static Row append(Row row, Object[] more) {
        Object[] values = new Object[row.length() + more.length];
        for (int i = 0; i < row.length(); i++) {
            values[i] = row.get(i);
        }
        System.arraycopy(more, 0, values, row.length(), more.length);
        return RowFactory.create(values);
    }
}
