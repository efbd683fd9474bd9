package org.bybert.udf.batch;

import java.util.Iterator;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.rdd.InputFileBlockHolder;
import org.apache.spark.unsafe.types.UTF8String;

/** A row that is read ahead of what is made of it, and where it was read. */
public record ReadRow<T>(T row, Place place) {

    /**
     * What {@code input_file_name()} and its like tell of a row: a state of the thread, which is that of the row read
     * last. UPDATE and DELETE of Delta find the files to write anew by it.
     */
    public record Place(UTF8String path, long start, long length) {

        private static Place current() {
            return new Place(
                    InputFileBlockHolder.getInputFilePath(),
                    InputFileBlockHolder.getStartOffset(),
                    InputFileBlockHolder.getLength());
        }

        /** For what comes after the row. */
        public void restore() {
            if (equals(current())) {
                return;
            }
            InputFileBlockHolder.unset();
            if (path.numBytes() > 0) {
                InputFileBlockHolder.set(path.toString(), start, length);
            }
        }
    }

    /** Whoever reads them finds the state of the thread as the reading has left it. */
    public static final class Rows<S, T> implements Iterator<ReadRow<T>> {

        private final Iterator<S> rows;
        private final Function<S, T> copy;
        private Place last = Place.current();

        /** @param copy makes of a row what stays as it is when the next one is read */
        public Rows(Iterator<S> rows, Function<S, T> copy) {
            this.rows = rows;
            this.copy = copy;
        }

        @Override
        public boolean hasNext() {
            return read(rows::hasNext);
        }

        @Override
        public ReadRow<T> next() {
            T row = read(() -> copy.apply(rows.next()));
            return new ReadRow<>(row, last);
        }

        private <R> R read(Supplier<R> step) {
            last.restore();
            R result = step.get();
            Place now = Place.current();
            last = now.equals(last) ? last : now;
            return result;
        }
    }
}
