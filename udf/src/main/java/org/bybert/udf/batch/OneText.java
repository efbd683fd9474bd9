package org.bybert.udf.batch;

import java.io.Serializable;
import org.bybert.encoder.FilledText;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;

/**
 * Answers one text at a time, where rows cannot be put together: the batch of one, by the rules and with the bits of
 * {@link EmbedPartition} and {@link FillMaskPartition}.
 *
 * @param <A> answer of one text
 */
public final class OneText<A> implements Serializable {

    private final TextTask<A> task;
    private final ModelReference reference;
    private final BatchOptions options;
    private final BatchMetrics metrics;

    private OneText(TextTask<A> task, ModelReference reference, BatchOptions options, BatchMetrics metrics) {
        this.task = task;
        this.reference = reference;
        this.options = options;
        this.metrics = metrics;
    }

    public static OneText<float[]> embedding(ModelReference reference, BatchOptions options, BatchMetrics metrics) {
        return new OneText<>(new EmbedTask(options), reference, options, metrics);
    }

    /** @throws IllegalArgumentException where long texts are to be split */
    public static OneText<FilledText> fillingMasks(ModelReference reference, BatchOptions options,
                                                   BatchMetrics metrics) {
        return new OneText<>(new FillMaskTask(options), reference, options, metrics);
    }

    /** @param text null gives the error {@code null text} */
    public Answer<A> answer(String text) {
        TextBatcher<A> batcher = new TextBatcher<>(Models.get(reference), task, options, metrics);
        PendingText<A> pending = batcher.add(text);
        while (pending.answer() == null) {
            batcher.run();
        }
        metrics.addRow(pending.answer());
        return pending.answer();
    }

    /** The batched way: texts of one task, which must be in the executor that asks. */
    public AnswerWindow<A> window() {
        return new AnswerWindow<>(reference, task, options, metrics);
    }

    /** Why a text has no answer, found without the model's help, or null; counts nothing. */
    public String refusal(String text) {
        return new TextReader(Models.get(reference).encoder(), options).read(text).error();
    }
}
