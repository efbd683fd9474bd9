package org.bybert.udf.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;
import org.bybert.udf.stream.CheckpointGuard;
import org.bybert.udf.stream.Computation;

/**
 * What the transformers for {@code spark.ml} have in common: the texts of a column are answered in batches within each
 * partition, and the answers are new columns. Counts are in Spark's UI, see {@link BatchMetrics}. A transformer is
 * saved with the name of its model, not with the model. Parameters are public fields.
 *
 * @param <T> the transformer itself
 */
public abstract class ByBertTransformer<T extends ByBertTransformer<T>> extends Transformer
        implements DefaultParamsWritable {

    private static final String ERROR = "error";

    /** What {@code handleInvalid} may be. */
    enum Invalid {
        KEEP,
        SKIP,
        ERROR
    }

    public final Param<String> inputCol;
    public final Param<String> outputCol;
    public final Param<String> errorCol;
    public final Param<String> model;
    public final StringArrayParam modelOptions;
    public final BooleanParam detect;
    public final IntParam maxBytes;
    public final Param<String> longText;
    public final IntParam batchBytes;
    public final Param<String> handleInvalid;

    private final String uid;
    private final StructType answer;
    private final List<Param<?>> declared = new ArrayList<>();

    /** @param answer columns of the answer, of which the first goes to {@code outputCol} */
    ByBertTransformer(String uid, StructType answer) {
        this.uid = uid;
        this.answer = BatchPartition.schema(new StructType(), answer);
        inputCol = string("inputCol", "text", "column with the text");
        outputCol = string("outputCol", answer.fieldNames()[0], "column for the answer");
        errorCol = string("errorCol", "", "column for the reason why a text has no answer; empty for none");
        model = declare(new Param<>(
                this,
                "model",
                "a folder at the same path on the driver and all executors, an id "
                        + "of the Hugging Face hub (ORG/NAME or ORG/NAME@REVISION), or a folder that Hadoop reads (hdfs://, "
                        + "s3a://)"));
        modelOptions = declare(
                new StringArrayParam(this, "modelOptions", "KEY=VALUE: replaces a value of the model's JSON files"),
                new String[0]);
        detect =
                declare(new BooleanParam(this, "detect", "whether what nobody says about the model is measured"), true);
        maxBytes = declare(
                new IntParam(this, "maxBytes", "longest text in bytes; 0 for the model's own limit"),
                BatchOptions.DEFAULTS.maxBytes());
        longText = string(
                "longText",
                name(BatchOptions.DEFAULTS.longText()),
                "what happens to longer texts: " + names(LongText.class));
        batchBytes = declare(
                new IntParam(this, "batchBytes", "bytes that are computed at once"),
                BatchOptions.DEFAULTS.batchBytes());
        handleInvalid = string(
                "handleInvalid",
                name(Invalid.KEEP),
                "a text without an answer: keep (the answer is "
                        + "null), skip (the row is dropped) or error (the job fails)");
    }

    final <P extends Param<?>> P declare(P param) {
        declared.add(param);
        return param;
    }

    final <V, P extends Param<V>> P declare(P param, V otherwise) {
        setDefault(param, otherwise);
        return declare(param);
    }

    final Param<String> string(String name, String otherwise, String doc) {
        return declare(new Param<>(this, name, doc), otherwise);
    }

    /** In the order of their names, as Spark has them of stages whose parameters are methods. */
    @Override
    public Param<?>[] params() {
        return declared.stream().sorted(Comparator.comparing(Param::name)).toArray(Param<?>[]::new);
    }

    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static List<String> names(Class<? extends Enum<?>> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(ByBertTransformer::name)
                .toList();
    }

    /** @throws IllegalArgumentException naming the parameter, what was expected and what was found */
    final <E extends Enum<E>> E constant(Param<String> param, Class<E> type) {
        String name = getOrDefault(param);
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> name(constant).equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(param.parent() + ": " + param.name()
                        + ": expected one of " + names(type) + ", found \"" + name + '"'));
    }

    /** @throws IllegalArgumentException where a parameter has no meaning */
    BatchOptions options() {
        return BatchOptions.DEFAULTS
                .withLimit((Integer) getOrDefault(maxBytes), constant(longText, LongText.class))
                .withBatchBytes((Integer) getOrDefault(batchBytes));
    }

    /** @throws IllegalArgumentException where a parameter has no meaning */
    final Invalid invalid() {
        return constant(handleInvalid, Invalid.class);
    }

    @Override
    public String uid() {
        return uid;
    }

    final <V> T with(Param<V> param, V value) {
        set(param, value);
        @SuppressWarnings("unchecked")
        T self = (T) this;
        return self;
    }

    /** What the user calls a column of the answer; empty for none. */
    String visible(String column) {
        if (column.equals(ERROR)) {
            return getOrDefault(errorCol);
        }
        return column.equals(answer.fieldNames()[0]) ? getOrDefault(outputCol) : "";
    }

    abstract BatchPartition<?, ?> partition(
            ModelReference reference, StructType input, int textIndex, BatchMetrics metrics);

    /** @param reference that is resolved */
    abstract Computation computation(ModelReference reference);

    /** Last changes to the answer's own column. */
    Column finish(Column output) {
        return output;
    }

    /** Its type, as {@link #finish} leaves it. */
    DataType finalType(DataType type) {
        return type;
    }

    /**
     * The input's columns and those that are added.
     *
     * @throws IllegalArgumentException where a parameter has no meaning, the column of texts is missing or not of
     *                                  strings, or a new column would have the name of another
     */
    @Override
    public StructType transformSchema(StructType input) {
        options();
        invalid();
        BatchPartition.textIndex(input, getOrDefault(inputCol));
        StructType result = input;
        for (StructField field : answer.fields()) {
            String name = visible(field.name());
            if (name.isEmpty()) {
                continue;
            }
            if (Arrays.stream(result.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
                throw new IllegalArgumentException(
                        uid() + ": a column " + name + " is there already; give another name or drop it first");
            }
            boolean isValue = field.name().equals(answer.fields()[0].name());
            DataType type = isValue ? finalType(field.dataType()) : field.dataType();
            result = result.add(name, type, field.nullable());
        }
        return result;
    }

    /**
     * @throws IllegalArgumentException          as {@link #transformSchema}
     * @throws org.bybert.encoder.error.ModelException where the model cannot be used; checked here, on the driver
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType visible = transformSchema(dataset.schema());
        ModelReference reference = reference();
        check(reference);
        Dataset<Row> rows = dataset.toDF();
        BatchMetrics metrics = BatchMetrics.register(rows.sparkSession());
        int index = BatchPartition.textIndex(rows.schema(), getOrDefault(inputCol));
        CheckpointGuard.watch(rows.sparkSession());
        Dataset<Row> answered = rows.mapPartitions(
                new Computation.Partitions<>(
                        partition(reference, rows.schema(), index, metrics), computation(reference)),
                Encoders.row(allColumns(rows.schema())));
        return hide(handleInvalid(answered), visible);
    }

    void check(ModelReference reference) {
        reference.check();
    }

    private ModelReference reference() {
        if (!isDefined(model)) {
            throw new IllegalArgumentException(uid() + ": the parameter model is missing: expected a model folder, "
                    + "an id of the hub or a path with a scheme");
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : getOrDefault(modelOptions)) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(
                        uid() + ": modelOptions: expected KEY=VALUE, found \"" + option + '"');
            }
            options.put(option.substring(0, equals), option.substring(equals + 1));
        }
        ModelReference reference = new ModelReference(getOrDefault(model), options);
        return ((Boolean) getOrDefault(detect) ? reference : reference.withoutDetection()).resolveAndLog();
    }

    /** Columns that are hidden later have names that no user gives. */
    private StructType allColumns(StructType input) {
        StructType result = input;
        for (StructField field : answer.fields()) {
            result = result.add(name(field.name()), field.dataType(), field.nullable());
        }
        return result;
    }

    private String name(String column) {
        String visible = visible(column);
        return visible.isEmpty() ? uid() + "__" + column : visible;
    }

    private Dataset<Row> handleInvalid(Dataset<Row> rows) {
        Column error = column(name(ERROR));
        return switch (invalid()) {
            case KEEP -> rows;
            case SKIP -> rows.where(error.isNull());
            case ERROR ->
                rows.withColumn(
                        getOrDefault(outputCol),
                        functions
                                .when(error.isNull(), column(getOrDefault(outputCol)))
                                .otherwise(
                                        functions.raise_error(functions.concat(functions.lit(uid() + ": "), error))));
        };
    }

    /** The visible columns; their metadata, which other stages leave there, do not pass through functions on rows. */
    private Dataset<Row> hide(Dataset<Row> rows, StructType visible) {
        return rows.select(Arrays.stream(visible.fields())
                .map(field -> {
                    Column column = column(field.name());
                    return (field.name().equals(getOrDefault(outputCol)) ? finish(column) : column)
                            .as(field.name(), field.metadata());
                })
                .toArray(Column[]::new));
    }

    private static Column column(String name) {
        return functions.col('`' + name.replace("`", "``") + '`');
    }

    @Override
    public T copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    public T setInputCol(String name) {
        return with(inputCol, name);
    }

    public T setOutputCol(String name) {
        return with(outputCol, name);
    }

    public T setErrorCol(String name) {
        return with(errorCol, name);
    }

    /** @param name a folder, an id of the Hugging Face hub or a folder that Hadoop reads, see {@link ModelReference} */
    public T setModel(String name) {
        return with(model, name);
    }

    /** @param options each {@code KEY=VALUE} */
    public T setModelOptions(String... options) {
        return with(modelOptions, options);
    }

    public T setDetect(boolean detects) {
        return with(detect, detects);
    }

    public T setMaxBytes(int bytes) {
        return with(maxBytes, bytes);
    }

    public T setLongText(String what) {
        return with(longText, what);
    }

    public T setBatchBytes(int bytes) {
        return with(batchBytes, bytes);
    }

    public T setHandleInvalid(String what) {
        return with(handleInvalid, what);
    }
}
