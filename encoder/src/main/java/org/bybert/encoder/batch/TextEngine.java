package org.bybert.encoder.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.bybert.encoder.ByBert;

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

    private final ByBert model;
    private final TextTask<T, Object, A> task;
    private final BatchOptions options;
    private final Runnable beforeBatch;
    private final BatchCounters counters;
    private final Map<T, Pending<T, A>> texts = new HashMap<>();
    private final Deque<Pending<T, A>> window = new ArrayDeque<>();
    /** Texts that have pieces left. */
    private final Deque<Pending<T, A>> waiting = new ArrayDeque<>();
    /** A piece of the first of them, or null. */
    private Piece next;

    /** An engine that nobody ends or counts. */
    public TextEngine(ByBert model, TextTask<T, ?, A> task, BatchOptions options) {
        this(model, task, options, () -> { }, BatchCounters.NONE);
    }

    /**
     * @param beforeBatch called before each batch; what it throws ends the work where nothing is left half done
     * @param counters    are told of what is done
     */
    @SuppressWarnings("unchecked") // Answers for pieces go from the task to the task.
    public TextEngine(ByBert model, TextTask<T, ?, A> task, BatchOptions options, Runnable beforeBatch,
                      BatchCounters counters) {
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
    public <R, O> Iterator<O> stream(Iterator<R> rows, Function<R, T> text, ToLongFunction<R> bytes,
                                     BiFunction<R, Answer<A>, O> result) {
        return new ReadAhead<>(rows, bytes, options, row -> {
            try {
                add(text.apply(row));
            } catch (TextProblem e) {
                refuse(e.getMessage());
            }
        }, this::isReady, row -> result.apply(row, remove()));
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
            owners.add(waiting.getFirst());
            waiting.getFirst().taken++;
            next = null;
        }
        if (pieces.isEmpty()) {
            return;
        }
        List<Object> answers = model.withSession(session -> task.run(session, pieces));
        for (int i = 0; i < pieces.size(); i++) {
            owners.get(i).add(pieces.get(i), answers.get(i));
        }
        counters.addBatch(tokens, longest * pieces.size() - tokens);
    }

    /** Whether some text has a piece left; it is {@link #next}. */
    private boolean hasPiece() {
        while (next == null && !waiting.isEmpty()) {
            next = waiting.getFirst().next(task);
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

        /** The next piece; null after the last one, when it is not asked for again. */
        Piece next(TextTask<T, Object, A> task) {
            try {
                pieces = pieces == null ? task.pieces(text, read) : pieces;
            } catch (TextProblem e) {
                end(null, false, e.getMessage());
                return null;
            }
            Piece next = pieces.next();
            ended = next == null;
            finish();
            return next;
        }

        void add(Piece piece, Object value) {
            taken--;
            tokens = (tokens == null ? 0 : tokens) + piece.ids().length;
            pieces.add(piece, value);
            finish();
        }

        private void finish() {
            if (!ended || taken > 0) {
                return;
            }
            try {
                end(pieces.finish(), read.truncated(), null);
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
