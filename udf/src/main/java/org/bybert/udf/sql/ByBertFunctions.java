package org.bybert.udf.sql;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.encoder.ModelException;
import org.bybert.udf.ModelReference;

/**
 * Registers the SQL functions of one model with a session.
 *
 * <ul>
 * <li>{@code bybert_embed(text)} → {@code array<float>} of the hidden size
 * <li>{@code bybert_fill_mask(text)} → {@code struct<text string, score double, error string>}
 * <li>{@code bybert_check(text)} → why a text is rejected, or null
 * </ul>
 *
 * <p>Null gives null. An empty text is encoded as whatever tokens the model's tokenizer adds to every text; where it
 * adds none, its embedding is all zeros. A text over the limit follows {@link LongText}.
 */
public final class ByBertFunctions {

    private ByBertFunctions() {
    }

    /**
     * @return counters of rejected, truncated and repaired rows
     * @throws ModelException where the model cannot be used; checked here, on the driver
     */
    public static RowCounters register(SparkSession spark, ModelReference reference, FunctionOptions options) {
        ModelReference resolved = reference.resolve();
        boolean fillsMasks = resolved.check().tokenizer().hasMask();
        RowCounters counters = RowCounters.register(spark.sparkContext());
        TextReader reader = new TextReader(resolved, options, counters);
        spark.udf().register("bybert_embed", new EmbedFunction(reader),
                DataTypes.createArrayType(DataTypes.FloatType, false));
        spark.udf().register("bybert_check", new CheckFunction(reader), DataTypes.StringType);
        if (fillsMasks) {
            spark.udf().register("bybert_fill_mask", new FillMaskFunction(reader), FillMaskFunction.RESULT);
        }
        return counters;
    }
}
