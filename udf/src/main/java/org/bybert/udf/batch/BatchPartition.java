package org.bybert.udf.batch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.ChooseTask;
import org.bybert.encoder.batch.ChooseTask.Choice;
import org.bybert.encoder.batch.EmbedTask;
import org.bybert.encoder.batch.FillMaskTask;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextTask;
import org.bybert.udf.ModelReference;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Answers the texts of a partition in batches: each row comes out with its values, followed by those of the answer and
 * {@code n_bytes} (of the whole text in the model's encoding; null for a null text), {@code n_tokens} (that the model
 * read; null where it read none), {@code truncated} and {@code error} ({@code reason} or {@code reason: details}; null
 * where there is an answer). No row stops a job. The model must have been checked on the driver, see
 * {@link ModelReference#check}.
 *
 * @param input   what of a row the task takes, e.g. {@link #text(int)}
 * @param <T>     what is answered: a text, or one with what it brings
 * @param <A>     answer of one text
 */
public record BatchPartition<T, A>(
        ModelReference reference,
        BatchOptions options,
        Input<T> input,
        BatchMetrics metrics,
        TaskFactory<T, A> task,
        Columns<A> columns)
        implements MapPartitionsFunction<Row, Row> {

    /** {@code embedding}: of the hidden size; null where there is an error. */
    public static final StructType EMBEDDING =
            new StructType().add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), true);

    /** What may stand in a gap, best first: {@code logprob} is the natural logarithm of the probability of its bytes. */
    private static final StructType CANDIDATE =
            new StructType().add("text", DataTypes.StringType, false).add("logprob", DataTypes.DoubleType, false);

    /** Gaps of a text, see {@link FilledGap}. */
    public static final DataType GAPS = DataTypes.createArrayType(
            new StructType()
                    .add("start", DataTypes.IntegerType, false)
                    .add("length", DataTypes.IntegerType, false)
                    .add("candidates", DataTypes.createArrayType(CANDIDATE, false), false),
            false);

    /**
     * {@code filled}: the text with every mask filled; {@code score}: geometric mean of the probabilities of what was
     * filled in, null where there was no mask; {@code gaps}: null where no candidates are asked for.
     */
    public static final StructType FILLED = new StructType()
            .add("filled", DataTypes.StringType, true)
            .add("score", DataTypes.DoubleType, true)
            .add("gaps", GAPS, true);

    private static final StructType COMMON = new StructType()
            .add("n_bytes", DataTypes.IntegerType, true)
            .add("n_tokens", DataTypes.IntegerType, true)
            .add("truncated", DataTypes.BooleanType, false)
            .add("error", DataTypes.StringType, true);

    /** What the task takes of a row. */
    public interface Input<T> extends Function<Row, T>, Serializable {}

    /** The task for an opened model. */
    public interface TaskFactory<T, A> extends BiFunction<ByBert, BatchOptions, TextTask<T, ?, A>>, Serializable {}

    /** Values of the answer's own columns; the answer is null where there is an error. */
    public interface Columns<A> extends Function<A, Object[]>, Serializable {}

    /** Embeds; the answer's columns are {@link #EMBEDDING}. */
    public static BatchPartition<String, float[]> embed(
            ModelReference reference, BatchOptions options, int textIndex, BatchMetrics metrics) {
        return new BatchPartition<>(
                reference, options, text(textIndex), metrics, EmbedTask::new, vector -> new Object[] {vector});
    }

    /**
     * Fills masks; the answer's columns are {@link #FILLED}.
     *
     * @throws IllegalArgumentException where long texts are to be split: a mask is filled in one look at the whole text
     */
    public static BatchPartition<String, FilledText> fillMask(
            ModelReference reference, BatchOptions options, FillOptions fill, int textIndex, BatchMetrics metrics) {
        FillMaskTask.check(options);
        return filled(
                reference,
                options,
                text(textIndex),
                metrics,
                (model, texts) -> new FillMaskTask(model, texts, fill),
                fill.topK() > 0);
    }

    /**
     * Chooses among targets for the one gap of a text; the answer's columns are {@link #FILLED}, in which the candidates of
     * the gap are the targets.
     */
    public static BatchPartition<String, FilledText> choose(
            ModelReference reference,
            BatchOptions options,
            List<String> targets,
            FillOptions.LengthBy lengthBy,
            int textIndex,
            BatchMetrics metrics) {
        return filled(
                reference,
                options,
                text(textIndex),
                metrics,
                (model, texts) -> new ChooseTask(model, texts, targets, lengthBy),
                true);
    }

    /** The same, where each row brings its targets in a column of arrays of strings. */
    public static BatchPartition<Choice, FilledText> choose(
            ModelReference reference,
            BatchOptions options,
            int targetsIndex,
            FillOptions.LengthBy lengthBy,
            int textIndex,
            BatchMetrics metrics) {
        return filled(
                reference,
                options,
                row -> new Choice(row.getString(textIndex), row.getList(targetsIndex)),
                metrics,
                (model, texts) -> new ChooseTask.OfEach(model, texts, lengthBy),
                true);
    }

    private static <T> BatchPartition<T, FilledText> filled(
            ModelReference reference,
            BatchOptions options,
            Input<T> input,
            BatchMetrics metrics,
            TaskFactory<T, FilledText> task,
            boolean hasGaps) {
        return new BatchPartition<>(
                reference,
                options,
                input,
                metrics,
                task,
                filled -> filled == null
                        ? new Object[3]
                        : new Object[] {
                            filled.text(),
                            filled.masks() == 0 ? null : filled.score(),
                            hasGaps ? gaps(filled.gaps()) : null
                        });
    }

    private static Row[] gaps(List<FilledGap> gaps) {
        return gaps.stream()
                .map(gap -> RowFactory.create(
                        gap.start(),
                        gap.length(),
                        gap.candidates().stream()
                                .map(candidate -> RowFactory.create(candidate.text(), candidate.logProbability()))
                                .toArray(Row[]::new)))
                .toArray(Row[]::new);
    }

    /**
     * The input's columns, those of the answer and those that follow every answer.
     *
     * @throws IllegalArgumentException where the input has a column of one of these names
     */
    public static StructType schema(StructType input, StructType answer) {
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

    /**
     * Index of a column of strings, by its name; upper and lower case are alike where no column has it exactly.
     *
     * @throws IllegalArgumentException where there is none, naming the columns there are, or it holds something else,
     *                                  naming the type and the cast
     */
    public static int textIndex(StructType schema, String name) {
        int index = index(schema, name);
        DataType type = schema.fields()[index].dataType();
        if (!(type instanceof StringType)) {
            throw new IllegalArgumentException("column " + name + ": expected string, found " + type.simpleString()
                    + "; cast it, e.g. CAST(`" + name + "` AS STRING)");
        }
        return index;
    }

    /** The same of a column of arrays of strings. */
    public static int textsIndex(StructType schema, String name) {
        int index = index(schema, name);
        DataType type = schema.fields()[index].dataType();
        if (!(type instanceof ArrayType array && array.elementType() instanceof StringType)) {
            throw new IllegalArgumentException(
                    "column " + name + ": expected array<string>, found " + type.simpleString());
        }
        return index;
    }

    private static int index(StructType schema, String name) {
        List<String> names = List.of(schema.fieldNames());
        List<Integer> found = names.contains(name)
                ? List.of(names.indexOf(name))
                : IntStream.range(0, names.size())
                        .filter(i -> names.get(i).equalsIgnoreCase(name))
                        .boxed()
                        .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException("column " + name + ": expected one of " + names + ", found "
                    + (found.isEmpty() ? "none" : "several") + " of this name");
        }
        return found.get(0);
    }

    /** A column of strings, see {@link #textIndex}. */
    public static Input<String> text(int index) {
        return row -> row.getString(index);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return answers(rows, row -> null, (row, answer) -> {
            List<Object> values = new ArrayList<>(CollectionConverters.asJava(row.toSeq()));
            Collections.addAll(values, columns.apply(answer.value()));
            Collections.addAll(values, answer.bytes(), answer.tokens(), answer.truncated(), answer.error());
            return RowFactory.create(values.toArray());
        });
    }

    /**
     * What is made of each row and its answer, in the order of the rows.
     *
     * @param problem why a row has no text to read, which becomes its error; null where it has one
     */
    public <R> Iterator<R> answers(
            Iterator<Row> rows, Function<Row, String> problem, BiFunction<Row, Answer<A>, R> result) {
        if (!rows.hasNext()) {
            return Collections.emptyIterator();
        }
        return metrics.engine(reference, options, model -> task.apply(model, options)).stream(
                new ReadRow.Rows<>(rows, row -> row),
                read -> input(read.row(), problem.apply(read.row())),
                read -> size(read.row()),
                (read, answer) -> {
                    read.place().restore();
                    return result.apply(read.row(), answer);
                });
    }

    private T input(Row row, String problem) {
        if (problem != null) {
            throw new TextProblem(problem);
        }
        return input.apply(row);
    }

    /** Only what can be large: strings, binary values and arrays of strings. */
    private static long size(Row row) {
        long size = 0;
        for (int i = 0; i < row.length(); i++) {
            size += size(row.get(i));
        }
        return size;
    }

    private static long size(Object value) {
        if (value instanceof Seq<?> all) {
            return CollectionConverters.asJava(all).stream()
                    .mapToLong(BatchPartition::size)
                    .sum();
        }
        return value instanceof String text ? text.length() : value instanceof byte[] bytes ? bytes.length : 0;
    }
}
