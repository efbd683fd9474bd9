package org.bybert.udf.ml;

import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchPartition;
import org.bybert.udf.stream.Computation;

/**
 * Fills the masks of texts: the answer is the text with every mask (one per byte) filled; {@code scoreCol} receives the
 * geometric mean of their probabilities, null for a text without a mask. Long texts can
 * be truncated or refused, not split.
 */
public final class ByBertFillMask extends ByBertTransformer<ByBertFillMask> {

    public final Param<String> scoreCol = string("scoreCol", "", "column for the score; empty for none");

    public final Param<String> decode = string(
            "decode",
            name(FillOptions.DEFAULTS.decoding()),
            "valid: the most probable text; bytes: the most probable byte at each mask, which may be no text");

    public final IntParam topK = declare(
            new IntParam(this, "topK", "candidates for each gap, up to 100; 0 for none"), FillOptions.DEFAULTS.topK());
    public final Param<String> gapsCol =
            string("gapsCol", "", "column for the gaps and their candidates; empty for none; needs topK");

    public final Param<String> lengthBy = string(
            "lengthBy",
            name(FillOptions.DEFAULTS.lengthBy()),
            "what texts of different lengths are compared by: the logarithm of their probability per char or per byte");

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
        return switch (column) {
            case "score" -> getOrDefault(scoreCol);
            case "gaps" -> getOrDefault(gapsCol);
            default -> super.visible(column);
        };
    }

    /** @throws IllegalArgumentException where a parameter has no meaning */
    private FillOptions fill() {
        int most = (Integer) getOrDefault(topK);
        if (most == 0 && !getOrDefault(gapsCol).isEmpty()) {
            throw new IllegalArgumentException(uid() + ": gapsCol: expected topK of 1 or more with it, found 0");
        }
        return new FillOptions(
                constant(decode, FillOptions.Decoding.class), most, constant(lengthBy, FillOptions.LengthBy.class));
    }

    @Override
    BatchOptions options() {
        fill();
        return super.options();
    }

    @Override
    void check(ModelReference reference) {
        reference.check().tokenizer().maskId();
    }

    @Override
    BatchPartition<?> partition(ModelReference reference, int textIndex, BatchMetrics metrics) {
        return BatchPartition.fillMask(reference, options(), fill(), textIndex, metrics);
    }

    public ByBertFillMask setDecode(String how) {
        return with(decode, how);
    }

    public ByBertFillMask setTopK(int candidates) {
        return with(topK, candidates);
    }

    public ByBertFillMask setGapsCol(String name) {
        return with(gapsCol, name);
    }

    public ByBertFillMask setLengthBy(String unit) {
        return with(lengthBy, unit);
    }

    @Override
    Computation computation(ModelReference reference) {
        Map<String, String> options = options().deciding();
        options.keySet().retainAll(Set.of("max_bytes", "long_text"));
        options.putAll(fill().deciding());
        return Computation.of("bybert_fill_mask", reference, options);
    }

    public ByBertFillMask setScoreCol(String name) {
        return with(scoreCol, name);
    }
}
