package org.bybert.udf.ml;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.SpecialTokens;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;
import org.bybert.udf.stream.Computation;

/**
 * Embeds texts. The answer is a vector of the model's hidden size: of Spark's vector type, as other stages of a
 * pipeline take it, or with {@code outputType} {@code array} an {@code array<float>}.
 */
public final class ByBertEmbedder extends ByBertTransformer<ByBertEmbedder> {

    private enum OutputType {
        VECTOR,
        ARRAY
    }

    public final Param<String> pooling = string(
            "pooling",
            name(BatchOptions.DEFAULTS.pooling()),
            "how the hidden states of a text become one vector: " + names(Pooling.class));
    public final BooleanParam normalize = declare(
            new BooleanParam(this, "normalize", "scale each vector to length 1 (L2)"),
            BatchOptions.DEFAULTS.normalize());
    public final Param<String> specialTokens = string(
            "specialTokens",
            name(BatchOptions.DEFAULTS.specials()),
            "what the text of a special token, such as <s> or <pad>, stands for: " + names(SpecialTokens.class));
    public final Param<String> outputType =
            string("outputType", name(OutputType.VECTOR), "type of the answer: " + names(OutputType.class));

    public ByBertEmbedder() {
        this(Identifiable$.MODULE$.randomUID("ByBertEmbedder"));
    }

    public ByBertEmbedder(String uid) {
        super(uid, BatchPartition.EMBEDDING);
    }

    /** Reads what {@code write().save} or a pipeline has written. */
    public static MLReader<ByBertEmbedder> read() {
        return new DefaultParamsReadable<ByBertEmbedder>() {}.read();
    }

    public static ByBertEmbedder load(String path) {
        return read().load(path);
    }

    @Override
    BatchOptions options() {
        return super.options()
                .withPooling(constant(pooling, Pooling.class), (Boolean) getOrDefault(normalize))
                .withSpecials(constant(specialTokens, SpecialTokens.class));
    }

    @Override
    BatchPartition<?, ?> partition(ModelReference reference, StructType input, int textIndex, BatchMetrics metrics) {
        return BatchPartition.embed(reference, options(), textIndex, metrics);
    }

    @Override
    Computation computation(ModelReference reference) {
        return Computation.of("bybert_embed", reference, options().deciding());
    }

    @Override
    Column finish(Column output) {
        return isVector()
                ? functions.when(
                        output.isNotNull(), org.apache.spark.ml.functions.array_to_vector(output.cast("array<double>")))
                : output;
    }

    @Override
    DataType finalType(DataType type) {
        return isVector() ? SQLDataTypes.VectorType() : type;
    }

    private boolean isVector() {
        return constant(outputType, OutputType.class) == OutputType.VECTOR;
    }

    /** @param how {@code mean}, {@code cls} or {@code max} */
    public ByBertEmbedder setPooling(String how) {
        return with(pooling, how);
    }

    public ByBertEmbedder setNormalize(boolean yes) {
        return with(normalize, yes);
    }

    /** @param what {@code text}: it is read byte by byte; {@code parse}: it is the token */
    public ByBertEmbedder setSpecialTokens(String what) {
        return with(specialTokens, what);
    }

    /** @param type {@code vector} or {@code array} */
    public ByBertEmbedder setOutputType(String type) {
        return with(outputType, type);
    }
}
