package org.bybert.udf.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bybert.udf.OpenModel;

/**
 * Packs texts into ragged batches under a budget, in the order they come, and has them computed one batch at a time. A
 * session is borrowed for a batch and no longer, so that a task that ends early leaves nothing behind.
 *
 * @param <A> answer of one text
 */
final class TextBatcher<A> {

    private final OpenModel model;
    private final TextTask<A> task;
    private final TextReader reader;
    private final int budget;
    private final BatchMetrics metrics;
    private final Deque<PendingText<A>> waiting = new ArrayDeque<>();

    TextBatcher(OpenModel model, TextTask<A> task, BatchOptions options, BatchMetrics metrics) {
        this.model = model;
        this.task = task;
        this.reader = new TextReader(model.encoder(), options);
        this.budget = options.batchBytes();
        this.metrics = metrics;
    }

    /** Queues a text behind the others. */
    PendingText<A> add(String text) {
        ReadText read = reader.read(text == null ? null : task.read(text, model.encoder().tokenizer()));
        if (read.repaired()) {
            metrics.repaired().add(1);
        }
        PendingText<A> pending = new PendingText<>(read, task);
        if (pending.hasNext()) {
            waiting.add(pending);
        }
        return pending;
    }

    PendingText<A> refused(String error) {
        return new PendingText<>(ReadText.failed(null, false, error), task);
    }

    /** Computes the next batch. */
    void run() {
        KilledTask.check();
        List<int[]> rows = new ArrayList<>();
        List<PendingText<A>> owners = new ArrayList<>();
        fill(rows, owners);
        List<A> answers = model.withSession(session -> task.run(session, rows));
        for (int i = 0; i < rows.size(); i++) {
            owners.get(i).add(answers.get(i), rows.get(i).length);
        }
        metrics.addBatch(rows);
    }

    private void fill(List<int[]> rows, List<PendingText<A>> owners) {
        long tokens = 0;
        while (!waiting.isEmpty()) {
            PendingText<A> text = waiting.peekFirst();
            tokens += text.peek().length;
            if (!rows.isEmpty() && tokens > budget) {
                return;
            }
            rows.add(text.take());
            owners.add(text);
            if (!text.hasNext()) {
                waiting.removeFirst();
            }
        }
    }
}
