package org.bybert.udf.batch;

import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextTask;
import org.bybert.udf.ModelReference;

/**
 * Answers the texts of a partition in batches: each row comes out with its values, followed by those of the answer and
 * {@code n_bytes} (of the whole text in the model's encoding; null for a null text), {@code n_tokens} (that the model
 * read; null where it read none), {@code truncated} and {@code error} ({@code reason} or {@code reason: details}; null
 * where there is an answer). No row stops a job. The model must have been checked on the driver, see
 * {@link ModelReference#check}.
 *
 * @param <A> answer of one text
 */
abstract class BatchPartition<A> implements MapPartitionsFunction<Row, Row> {

    private static final StructType COMMON = new StructType()
            .add("n_bytes", DataTypes.IntegerType, true)
            .add("n_tokens", DataTypes.IntegerType, true)
            .add("truncated", DataTypes.BooleanType, false)
            .add("error", DataTypes.StringType, true);

    private final ModelReference reference;
    private final BatchOptions options;
    private final int textIndex;
    private final BatchMetrics metrics;

    BatchPartition(ModelReference reference, BatchOptions options, int textIndex, BatchMetrics metrics) {
        this.reference = reference;
        this.options = options;
        this.textIndex = textIndex;
        this.metrics = metrics;
    }

    abstract TextTask<String, ?, A> task(ByBert model, BatchOptions options);

    /** Values of the answer's own columns. */
    abstract Object[] values(A answer);

    static StructType append(StructType input, StructType answer) {
        StructType result = input;
        for (StructType part : new StructType[] {answer, COMMON}) {
            for (StructField field : part.fields()) {
                if (Arrays.stream(input.fieldNames()).anyMatch(field.name()::equalsIgnoreCase)) {
                    throw new IllegalArgumentException("column " + field.name()
                            + ": the input has one of this name already; rename it or leave it out");
                }
                result = result.add(field);
            }
        }
        return result;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return answers(rows, row -> null, (row, answer) -> {
            Object[] own = values(answer.value());
            Object[] values = new Object[row.length() + own.length + COMMON.size()];
            for (int i = 0; i < row.length(); i++) {
                values[i] = row.get(i);
            }
            System.arraycopy(own, 0, values, row.length(), own.length);
            int at = row.length() + own.length;
            values[at++] = answer.bytes();
            values[at++] = answer.tokens();
            values[at++] = answer.truncated();
            values[at] = answer.error();
            return RowFactory.create(values);
        });
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
        return metrics.engine(reference, options, model -> task(model, options))
                .stream(rows, row -> text(row, problem.apply(row)), BatchPartition::size, result);
    }

    private String text(Row row, String problem) {
        if (problem != null) {
            throw new TextProblem(problem);
        }
        return row.getString(textIndex);
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
}
