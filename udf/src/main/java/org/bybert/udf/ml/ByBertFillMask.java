package org.bybert.udf.ml;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.FillMaskPartition;

/**
 * Fills the masks of texts: the answer is the text with every mask (one per byte) replaced by the most probable token;
 * {@code scoreCol} receives the geometric mean of their probabilities, null for a text without a mask. Long texts can
 * be truncated or refused, not split.
 */
public final class ByBertFillMask extends ByBertTransformer<ByBertFillMask> {

    private static final String FILLED = "filled";

    private final Param<String> scoreCol;

    public ByBertFillMask() {
        this(Identifiable$.MODULE$.randomUID("ByBertFillMask"));
    }

    public ByBertFillMask(String uid) {
        super(uid, FILLED);
        scoreCol = string("scoreCol", "column for the score; empty for none");
        setDefault(scoreCol, "");
    }

    /** Reads what {@code write().save} or a pipeline has written. */
    public static MLReader<ByBertFillMask> read() {
        return new DefaultParamsReadable<ByBertFillMask>() { }.read();
    }

    public static ByBertFillMask load(String path) {
        return read().load(path);
    }

    @Override
    StructType answer() {
        return FillMaskPartition.schema(new StructType());
    }

    @Override
    Map<String, String> visible() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put(FILLED, outputName());
        names.put("score", value(scoreCol));
        names.putAll(super.visible());
        return names;
    }

    @Override
    void check(ModelReference reference) {
        reference.check().tokenizer().maskId();
    }

    @Override
    MapPartitionsFunction<Row, Row> partition(ModelReference reference, int textIndex, BatchMetrics metrics) {
        return new FillMaskPartition(reference, options(), textIndex, metrics);
    }

    public Param<String> scoreCol() {
        return scoreCol;
    }

    public ByBertFillMask setScoreCol(String name) {
        return with(scoreCol, name);
    }
}
