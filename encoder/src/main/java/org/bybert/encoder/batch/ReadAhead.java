package org.bybert.encoder.batch;

import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A stream of rows with their answers, in the order of the rows. Rows are read only as results are asked for, and no
 * more of them are in memory than a window.
 *
 * @param <R> a row
 * @param <O> what a row becomes
 */
public final class ReadAhead<R, O> implements Iterator<O> {

    private final Iterator<R> rows;
    private final ToLongFunction<R> bytes;
    private final BatchOptions options;
    private final Consumer<R> add;
    private final BooleanSupplier isReady;
    private final Function<R, O> result;
    /** A list, since a row may be null. */
    @SuppressWarnings("JdkObsolete")
    private final Deque<R> window = new LinkedList<>();
    private long windowBytes;

    /**
     * @param bytes   of a row, roughly; the same whenever it is asked for
     * @param options for the size of the window
     * @param add     takes each row as it is read
     * @param isReady whether the next result is there already, or more rows would not make it cheaper
     * @param result  of the row that was added first
     */
    public ReadAhead(Iterator<R> rows, ToLongFunction<R> bytes, BatchOptions options, Consumer<R> add,
                     BooleanSupplier isReady, Function<R, O> result) {
        this.rows = rows;
        this.bytes = bytes;
        this.options = options;
        this.add = add;
        this.isReady = isReady;
        this.result = result;
    }

    @Override
    public boolean hasNext() {
        return !window.isEmpty() || rows.hasNext();
    }

    @Override
    public O next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        // One row may be larger than a window.
        while (window.isEmpty() || !isReady.getAsBoolean() && window.size() < options.windowRows()
                && windowBytes < options.windowBytes() && rows.hasNext()) {
            R row = rows.next();
            windowBytes += bytes.applyAsLong(row);
            window.add(row);
            add.accept(row);
        }
        R first = window.removeFirst();
        windowBytes -= bytes.applyAsLong(first);
        return result.apply(first);
    }
}
