package org.bybert.udf.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;

/**
 * Texts on their way through the model, first in, first out: for code that keeps the rows itself. Texts that are alike
 * and in the window at the same time are computed once.
 *
 * @param <A> answer of one text
 */
public final class AnswerWindow<A> {

    private final TextBatcher<A> batcher;
    private final BatchMetrics metrics;
    private final Deque<Entry<A>> window = new ArrayDeque<>();
    private final Map<String, PendingText<A>> texts = new HashMap<>();

    private record Entry<A>(String text, PendingText<A> pending) {
    }

    AnswerWindow(ModelReference reference, TextTask<A> task, BatchOptions options, BatchMetrics metrics) {
        this.batcher = new TextBatcher<>(Models.get(reference), task, options, metrics);
        this.metrics = metrics;
        metrics.executors().add(ExecutorReport.ofThisJvm(reference));
    }

    /** @param text null gives the error {@code null text} */
    public void add(String text) {
        PendingText<A> pending = texts.computeIfAbsent(text, batcher::add);
        if (pending.join() > 1 && !pending.isRefused()) {
            metrics.duplicates().add(1);
        }
        window.add(new Entry<>(text, pending));
    }

    /** A row without a text that could be read. */
    public void refuse(String error) {
        PendingText<A> pending = batcher.refused(error);
        pending.join();
        window.add(new Entry<>(null, pending));
    }

    /** Whether the next answer is there already; otherwise adding more texts first makes fuller batches. */
    public boolean isReady() {
        return !window.isEmpty() && window.getFirst().pending().answer() != null;
    }

    /** The answer of the text that was added first; computes as many batches as it takes. */
    public Answer<A> remove() {
        Entry<A> first = window.removeFirst();
        while (first.pending().answer() == null) {
            batcher.run();
        }
        if (first.pending().leave() == 0) {
            texts.remove(first.text(), first.pending());
        }
        metrics.addRow(first.pending().answer());
        return first.pending().answer();
    }
}
