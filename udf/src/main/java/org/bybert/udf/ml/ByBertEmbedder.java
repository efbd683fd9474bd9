package org.bybert.udf.ml;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.EmbedPartition;

/**
 * Embeds texts. The answer is a vector of the model's hidden size: of Spark's vector type, as other stages of a
 * pipeline take it, or with {@code outputType} {@code array} an {@code array<float>}.
 */
public final class ByBertEmbedder extends ByBertTransformer<ByBertEmbedder> {

    private enum OutputType { VECTOR, ARRAY }

    private static final String EMBEDDING = "embedding";

    private final Param<String> pooling;
    private final BooleanParam normalize;
    private final Param<String> outputType;

    public ByBertEmbedder() {
        this(Identifiable$.MODULE$.randomUID("ByBertEmbedder"));
    }

    public ByBertEmbedder(String uid) {
        super(uid, EMBEDDING);
        pooling = string("pooling", "how the hidden states of a text become one vector: " + names(Pooling.class));
        normalize = new BooleanParam(this, "normalize", "scale each vector to length 1 (L2)");
        outputType = string("outputType", "type of the answer: " + names(OutputType.class));
        setDefault(pooling, name(BatchOptions.DEFAULTS.pooling()));
        setDefault(normalize, BatchOptions.DEFAULTS.normalize());
        setDefault(outputType, name(OutputType.VECTOR));
    }

    /** Reads what {@code write().save} or a pipeline has written. */
    public static MLReader<ByBertEmbedder> read() {
        return new DefaultParamsReadable<ByBertEmbedder>() { }.read();
    }

    public static ByBertEmbedder load(String path) {
        return read().load(path);
    }

    @Override
    BatchOptions options() {
        return super.options().withPooling(constant(pooling, Pooling.class), (Boolean) value(normalize));
    }

    @Override
    StructType answer() {
        return EmbedPartition.schema(new StructType());
    }

    @Override
    Map<String, String> visible() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put(EMBEDDING, outputName());
        names.putAll(super.visible());
        return names;
    }

    @Override
    MapPartitionsFunction<Row, Row> partition(ModelReference reference, int textIndex, BatchMetrics metrics) {
        return new EmbedPartition(reference, options(), textIndex, metrics);
    }

    @Override
    Dataset<Row> finish(Dataset<Row> rows) {
        if (!isVector()) {
            return rows;
        }
        Column array = column(outputName());
        return rows.withColumn(outputName(), functions.when(array.isNotNull(),
                org.apache.spark.ml.functions.array_to_vector(array.cast("array<double>"))));
    }

    @Override
    StructField finish(StructField field) {
        return isVector() ? new StructField(field.name(), SQLDataTypes.VectorType(), true, field.metadata()) : field;
    }

    private boolean isVector() {
        return constant(outputType, OutputType.class) == OutputType.VECTOR;
    }

    public Param<String> pooling() {
        return pooling;
    }

    public BooleanParam normalize() {
        return normalize;
    }

    public Param<String> outputType() {
        return outputType;
    }

    /** @param how {@code mean}, {@code cls} or {@code max} */
    public ByBertEmbedder setPooling(String how) {
        return with(pooling, how);
    }

    public ByBertEmbedder setNormalize(boolean yes) {
        return with(normalize, yes);
    }

    /** @param type {@code vector} or {@code array} */
    public ByBertEmbedder setOutputType(String type) {
        return with(outputType, type);
    }
}
