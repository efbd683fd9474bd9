package org.bybert.udf.ml;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.TextColumn;

/**
 * What the transformers for {@code spark.ml} have in common: the texts of a column are answered in batches within each
 * partition, and the answers are new columns. Counts are in Spark's UI, see {@link BatchMetrics}. A transformer is saved
 * with the path of its model, not with the model.
 *
 * @param <T> the transformer itself
 */
public abstract class ByBertTransformer<T extends ByBertTransformer<T>> extends ByBertParams<T> {

    private static final String ERROR = "error";

    ByBertTransformer(String uid, String output) {
        super(uid, output);
    }

    /** All columns of the answer, under the names the partition function gives them. */
    abstract StructType answer();

    /** Those the user sees: from the name in {@link #answer} to the user's, empty for none. */
    Map<String, String> visible() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put(ERROR, value(errorCol()));
        return names;
    }

    abstract MapPartitionsFunction<Row, Row> partition(ModelReference reference, int textIndex, BatchMetrics metrics);

    /** Last changes to the answer's own column. */
    Dataset<Row> finish(Dataset<Row> rows) {
        return rows;
    }

    /** The answer's own column as {@link #finish} leaves it. */
    StructField finish(StructField field) {
        return field;
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
        TextColumn.index(input, value(inputCol()));
        StructType result = input;
        for (Map.Entry<String, String> column : visible().entrySet()) {
            String name = column.getValue();
            if (name.isEmpty()) {
                continue;
            }
            if (Arrays.stream(result.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
                throw new IllegalArgumentException(uid() + ": a column " + name
                        + " is there already; give another name or drop it first");
            }
            StructField field = answer().apply(column.getKey());
            StructField renamed = new StructField(name, field.dataType(), field.nullable(), field.metadata());
            result = result.add(name.equals(outputName()) ? finish(renamed) : renamed);
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
        BatchMetrics metrics = BatchMetrics.register(rows.sparkSession().sparkContext());
        int index = TextColumn.index(rows.schema(), value(inputCol()));
        Dataset<Row> answered = rows.mapPartitions(partition(reference, index, metrics),
                Encoders.row(allColumns(rows.schema())));
        return hide(finish(handleInvalid(answered)), visible);
    }

    void check(ModelReference reference) {
        reference.check();
    }

    private ModelReference reference() {
        if (!isDefined(model())) {
            throw new IllegalArgumentException(uid() + ": the parameter model is missing: expected a model folder");
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : value(modelOptions())) {
            int equals = option.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException(uid() + ": modelOptions: expected KEY=VALUE, found \"" + option + '"');
            }
            options.put(option.substring(0, equals), option.substring(equals + 1));
        }
        return new ModelReference(value(model()), options).resolve();
    }

    /** Columns that are hidden later have names that no user gives. */
    private StructType allColumns(StructType input) {
        StructType result = input;
        for (StructField field : answer().fields()) {
            result = result.add(name(field.name()), field.dataType(), field.nullable());
        }
        return result;
    }

    private String name(String column) {
        String visible = visible().getOrDefault(column, "");
        return visible.isEmpty() ? uid() + "__" + column : visible;
    }

    private Dataset<Row> handleInvalid(Dataset<Row> rows) {
        Column error = column(name(ERROR));
        return switch (invalid()) {
            case KEEP -> rows;
            case SKIP -> rows.where(error.isNull());
            case ERROR -> rows.withColumn(outputName(), functions.when(error.isNull(), column(outputName()))
                    .otherwise(functions.raise_error(functions.concat(functions.lit(uid() + ": "), error))));
        };
    }

    /** The visible columns; their metadata, which other stages leave there, do not pass through functions on rows. */
    private static Dataset<Row> hide(Dataset<Row> rows, StructType visible) {
        return rows.select(Arrays.stream(visible.fields())
                .map(field -> column(field.name()).as(field.name(), field.metadata())).toArray(Column[]::new));
    }

    static Column column(String name) {
        return functions.col('`' + name.replace("`", "``") + '`');
    }

    @Override
    public T copy(ParamMap extra) {
        return defaultCopy(extra);
    }
}
