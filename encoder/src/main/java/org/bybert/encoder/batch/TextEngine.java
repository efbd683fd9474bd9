package org.bybert.encoder.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.TextTask.Piece;
import org.bybert.encoder.batch.TextTask.ReadText;

/**
 * Texts on their way through a model, first in, first out. Pieces of texts are packed in this order into ragged batches
 * under a budget of tokens; equal texts that are in the engine at the same time are computed once. What a text is
 * answered with depends on nothing but the text. For one thread; a {@link org.bybert.encoder.Session} is borrowed for a
 * batch and no longer, so that an engine that is left leaves nothing behind.
 *
 * @param <T> a text and what comes with it
 * @param <A> the answer for a text
 */
public final class TextEngine<T, A> {

    /**
     * What became of one text.
     *
     * @param value     null where there is an error
     * @param bytes     of the whole text in the model's encoding; null for a null text
     * @param tokens    that the model read, the overlaps of windows included; null where an error kept it from reading
     * @param truncated whether only the beginning of the text was read
     * @param error     {@code reason} or {@code reason: details}; null where there is a value
     */
    public record Answer<A>(A value, Integer bytes, Integer tokens, boolean truncated, String error) {}

    /** Is told what an engine does; by default nothing is counted. */
    public interface Counters {

        /**
         * The model has computed a batch.
         *
         * @param tokens  that it read
         * @param padding tokens that would have been added, had the batch been padded to its longest row
         */
        default void addBatch(long tokens, long padding) {}

        /** A text has unpaired surrogates, which are read as U+FFFD. */
        default void addRepaired() {}

        /** A text has the answer of an equal one that is in the window too. */
        default void addDuplicate() {}

        /** A text has left the engine, with a result or an error. */
        default void addAnswer(Answer<?> answer) {}
    }

    private final ByBert model;
    private final TextTask<T, Object, A> task;
    private final BatchOptions options;
    private final Runnable beforeBatch;
    private final Counters counters;
    private final Map<T, Pending<T, A>> texts = new HashMap<>();
    private final Deque<Pending<T, A>> window = new ArrayDeque<>();
    /** Texts that have pieces left. */
    private final Deque<Pending<T, A>> waiting = new ArrayDeque<>();
    /** A piece that waits for a batch, or null. */
    private Piece next;
    /** The text that it is of. */
    private Pending<T, A> owner;

    /** An engine that nobody ends or counts. */
    public TextEngine(ByBert model, TextTask<T, ?, A> task, BatchOptions options) {
        this(model, task, options, () -> {}, new Counters() {});
    }

    /**
     * @param beforeBatch called before each batch; what it throws ends the work where nothing is left half done
     * @param counters    are told of what is done
     */
    @SuppressWarnings("unchecked") // Answers for pieces go from the task to the task.
    public TextEngine(
            ByBert model, TextTask<T, ?, A> task, BatchOptions options, Runnable beforeBatch, Counters counters) {
        this.model = model;
        this.task = (TextTask<T, Object, A>) task;
        this.options = options;
        this.beforeBatch = beforeBatch;
        this.counters = counters;
    }

    /** Queues a text behind the others. */
    public void add(T text) {
        Pending<T, A> pending = texts.get(text);
        if (pending == null) {
            pending = new Pending<>(text, task.read(text));
            texts.put(text, pending);
            if (pending.read.repaired()) {
                counters.addRepaired();
            }
            if (pending.answer == null) {
                waiting.add(pending);
            }
        } else if (pending.read.error() == null) {
            counters.addDuplicate();
        }
        pending.rows++;
        window.add(pending);
    }

    /** Queues an error behind the texts, for what has no text to read. */
    public void refuse(String error) {
        Pending<T, A> refused = new Pending<>(null, ReadText.refused(null, false, error));
        refused.rows++;
        window.add(refused);
    }

    /** Whether the next answer is there already; otherwise adding more texts first makes fuller batches. */
    public boolean isReady() {
        return !window.isEmpty() && window.getFirst().answer != null;
    }

    /**
     * The answer of the text that was added first; computes as many batches as it takes.
     *
     * @throws java.util.NoSuchElementException where no text is left
     */
    public Answer<A> remove() {
        Pending<T, A> first = window.getFirst();
        while (first.answer == null) {
            run();
        }
        window.removeFirst();
        if (--first.rows == 0) {
            texts.remove(first.text, first);
        }
        counters.addAnswer(first.answer);
        return first.answer;
    }

    /**
     * The answer of one text: the batch of one.
     *
     * @throws IllegalStateException where texts are waiting
     */
    public Answer<A> answer(T text) {
        if (!window.isEmpty()) {
            throw new IllegalStateException("one text: expected no others, found " + window.size() + " waiting");
        }
        add(text);
        return remove();
    }

    /**
     * Rows with the answers of their texts, in the order of the rows, which are read as results are asked for.
     *
     * @param text   of a row; may throw a {@link TextProblem}, which becomes the row's error
     * @param bytes  of a row, roughly
     * @param result of a row and its answer
     */
    public <R, O> Iterator<O> stream(
            Iterator<R> rows, Function<R, T> text, ToLongFunction<R> bytes, BiFunction<R, Answer<A>, O> result) {
        return readAhead(
                rows,
                bytes,
                options,
                row -> {
                    try {
                        add(text.apply(row));
                    } catch (TextProblem e) {
                        refuse(e.getMessage());
                    }
                },
                this::isReady,
                row -> result.apply(row, remove()));
    }

    /**
     * A stream of rows with their answers, in the order of the rows. Rows are read only as results are asked for, and
     * no more of them are in memory than a window.
     *
     * @param bytes   of a row, roughly; the same whenever it is asked for
     * @param options for the size of the window
     * @param add     takes each row as it is read
     * @param isReady whether the next result is there already, or more rows would not make it cheaper
     * @param result  of the row that was added first
     * @param <R>     a row
     * @param <O>     what a row becomes
     */
    public static <R, O> Iterator<O> readAhead(
            Iterator<R> rows,
            ToLongFunction<R> bytes,
            BatchOptions options,
            Consumer<R> add,
            BooleanSupplier isReady,
            Function<R, O> result) {
        return new Iterator<>() {
            /** A list, since a row may be null. */
            @SuppressWarnings("JdkObsolete")
            private final Deque<R> window = new LinkedList<>();

            private long windowBytes;

            @Override
            public boolean hasNext() {
                return !window.isEmpty() || rows.hasNext();
            }

            @Override
            public O next() {
                // One row may be larger than a window.
                while (window.isEmpty()
                        || !isReady.getAsBoolean()
                                && window.size() < options.windowRows()
                                && windowBytes < options.windowBytes()
                                && rows.hasNext()) {
                    R row = rows.next();
                    windowBytes += bytes.applyAsLong(row);
                    window.add(row);
                    add.accept(row);
                }
                R first = window.removeFirst();
                windowBytes -= bytes.applyAsLong(first);
                return result.apply(first);
            }
        };
    }

    /** Computes the next batch. */
    private void run() {
        beforeBatch.run();
        List<Piece> pieces = new ArrayList<>();
        List<Pending<T, A>> owners = new ArrayList<>();
        long tokens = 0;
        long longest = 0;
        while (hasPiece() && (pieces.isEmpty() || tokens + next.ids().length <= options.batchBytes())) {
            tokens += next.ids().length;
            longest = Math.max(longest, next.ids().length);
            pieces.add(next);
            owners.add(owner);
            owner.taken++;
            next = null;
        }
        if (pieces.isEmpty()) {
            return;
        }
        List<Object> answers = model.withSession(session -> task.run(session, pieces));
        for (int i = 0; i < pieces.size(); i++) {
            owners.get(i).add(pieces.get(i), answers.get(i));
        }
        // Before texts of which nothing is computed yet, so that few are in the middle of it.
        for (int i = pieces.size() - 1; i >= 0; i--) {
            if (owners.get(i).hasMore()) {
                waiting.addFirst(owners.get(i));
            }
        }
        counters.addBatch(tokens, longest * pieces.size() - tokens);
    }

    /** Whether some text has a piece left; it is {@link #next}. */
    private boolean hasPiece() {
        while (next == null && !waiting.isEmpty()) {
            owner = waiting.getFirst();
            next = owner.next(task);
            if (next == null) {
                waiting.removeFirst();
            }
        }
        return next != null;
    }

    /** A text between its way in and its way out. */
    private static final class Pending<T, A> {

        private final T text;
        private final ReadText read;
        private TextTask.Pieces<Object, A> pieces;
        private boolean ended;
        /** Pieces that are in a batch and have no answer yet. */
        private int taken;
        /** Null until a piece has been read. */
        private Integer tokens;
        /** How often the text is in the window. */
        private int rows;

        private Answer<A> answer;

        Pending(T text, ReadText read) {
            this.text = text;
            this.read = read;
            if (read.error() != null) {
                end(null, false, read.error());
            }
        }

        /** The next piece; null where there is none, when it is not asked for again unless the text {@link #hasMore}. */
        Piece next(TextTask<T, Object, A> task) {
            if (answer != null) {
                return null;
            }
            try {
                pieces = pieces == null ? task.pieces(text, read) : pieces;
            } catch (TextProblem e) {
                end(null, false, e.getMessage());
                return null;
            }
            ended = !pieces.rest().hasNext();
            finish();
            return ended ? null : pieces.rest().next();
        }

        void add(Piece piece, Object value) {
            taken--;
            tokens = (tokens == null ? 0 : tokens) + piece.ids().length;
            if (answer != null) {
                return;
            }
            try {
                pieces.add().accept(piece, value);
            } catch (TextProblem e) {
                end(null, read.truncated(), e.getMessage());
                return;
            }
            finish();
        }

        /** Whether answers have brought pieces since there were none left; true once. */
        boolean hasMore() {
            boolean more = ended && answer == null && pieces.rest().hasNext();
            ended &= !more;
            return more;
        }

        private void finish() {
            if (!ended || taken > 0 || pieces.rest().hasNext()) {
                return;
            }
            try {
                end(pieces.finish().get(), read.truncated(), null);
            } catch (TextProblem e) {
                end(null, read.truncated(), e.getMessage());
            }
        }

        private void end(A value, boolean truncated, String error) {
            pieces = null;
            answer = new Answer<>(value, read.bytes(), tokens, truncated, error);
        }
    }
}
