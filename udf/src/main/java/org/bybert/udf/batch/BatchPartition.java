package org.bybert.udf.batch;

import java.util.Collections;
import java.util.Iterator;
import java.util.function.BiFunction;
import java.util.function.Function;
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
        return answers(rows, row -> null, (row, answer) -> BatchedRows.append(row, columns(answer)));
    }

    /**
     * What is made of each row and its answer, in the order of the rows.
     *
     * @param problem why a row has no text to read, which becomes its error; null where it has one
     */
    public <R> Iterator<R> answers(Iterator<Row> rows, Function<Row, String> problem,
                                   BiFunction<Row, Answer<A>, R> result) {
        if (!rows.hasNext()) {
            return Collections.emptyIterator();
        }
        AnswerWindow<A> answers = new AnswerWindow<>(reference, task, options, metrics);
        return new BatchedRows<>(rows, textIndex, answers, options, problem, result);
    }
}
