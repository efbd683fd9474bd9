package org.bybert.udf.batch;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.bybert.udf.ModelReference;

/**
 * Answers the texts of a partition in batches: each row comes out with its values, followed by the columns of the
 * answer. No row stops a job. The model must have been checked on the driver, see {@link ModelReference#check}.
 *
 * @param <A> answer of one text
 */
abstract class BatchPartition<A> implements MapPartitionsFunction<Row, Row> {

    private final TextTask<A> task;
    private final ModelReference reference;
    private final BatchOptions options;
    private final int textIndex;
    private final BatchMetrics metrics;

    BatchPartition(TextTask<A> task, ModelReference reference, BatchOptions options, int textIndex,
                   BatchMetrics metrics) {
        this.task = task;
        this.reference = reference;
        this.options = options;
        this.textIndex = textIndex;
        this.metrics = metrics;
    }

    abstract Object[] columns(Answer<A> answer);

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return List.<Row>of().iterator();
        }
        AnswerWindow<A> answers = new AnswerWindow<>(reference, task, options, metrics);
        return new BatchedRows<>(rows, textIndex, answers, options, this::columns);
    }
}
