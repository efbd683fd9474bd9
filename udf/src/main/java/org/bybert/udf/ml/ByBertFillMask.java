package org.bybert.udf.ml;

import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;
import org.bybert.udf.stream.Computation;

/**
 * Fills the masks of texts: the answer is the text with every mask (one per byte) replaced by the most probable token;
 * {@code scoreCol} receives the geometric mean of their probabilities, null for a text without a mask. Long texts can
 * be truncated or refused, not split.
 */
public final class ByBertFillMask extends ByBertTransformer<ByBertFillMask> {

    public final Param<String> scoreCol = string("scoreCol", "", "column for the score; empty for none");

    public ByBertFillMask() {
        this(Identifiable$.MODULE$.randomUID("ByBertFillMask"));
    }

    public ByBertFillMask(String uid) {
        super(uid, BatchPartition.FILLED);
    }

    /** Reads what {@code write().save} or a pipeline has written. */
    public static MLReader<ByBertFillMask> read() {
        return new DefaultParamsReadable<ByBertFillMask>() {}.read();
    }

    public static ByBertFillMask load(String path) {
        return read().load(path);
    }

    @Override
    String visible(String column) {
        return column.equals("score") ? getOrDefault(scoreCol) : super.visible(column);
    }

    @Override
    void check(ModelReference reference) {
        reference.check().tokenizer().maskId();
    }

    @Override
    BatchPartition<?> partition(ModelReference reference, int textIndex, BatchMetrics metrics) {
        return BatchPartition.fillMask(reference, options(), textIndex, metrics);
    }

    @Override
    Computation computation(ModelReference reference) {
        Map<String, String> options = options().deciding();
        options.keySet().retainAll(Set.of("max_bytes", "long_text"));
        return Computation.of("bybert_fill_mask", reference, options);
    }

    public ByBertFillMask setScoreCol(String name) {
        return with(scoreCol, name);
    }
}
