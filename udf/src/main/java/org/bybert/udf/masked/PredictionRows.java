package org.bybert.udf.masked;

import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The table of predictions: one row per example, scored or not. */
public final class PredictionRows {

    /** Values of the column {@code status}. */
    public static final String SCORED = "scored";
    public static final String EXCLUDED = "excluded";
    public static final String FAILED = "failed";

    private static final StructType SPAN = new StructType()
            .add("start", DataTypes.IntegerType, false)
            .add("end", DataTypes.IntegerType, false)
            .add("gold", DataTypes.StringType, false)
            .add("predicted", DataTypes.StringType, false)
            .add("correct", DataTypes.BooleanType, false)
            .add("correct_bytes", DataTypes.IntegerType, false)
            .add("probability", DataTypes.DoubleType, false);

    /**
     * {@code masked_text} and {@code spans} are null where the row is not scored; {@code error} is null where it is.
     * A span's {@code start} and {@code end} are bytes of the text, its {@code probability} is the product of the
     * probabilities of the bytes predicted; {@code correct_bytes} of its bytes were predicted, and it is
     * {@code correct} where they all were.
     */
    public static final StructType SCHEMA = new StructType()
            .add("set", DataTypes.StringType, false)
            .add("id", DataTypes.StringType, false)
            .add("status", DataTypes.StringType, false)
            .add("n_bytes", DataTypes.IntegerType, true)
            .add("n_units", DataTypes.IntegerType, true)
            .add("masked_text", DataTypes.StringType, true)
            .add("spans", new ArrayType(SPAN, false), true)
            .add("error", DataTypes.StringType, true);

    private PredictionRows() {
    }
}
