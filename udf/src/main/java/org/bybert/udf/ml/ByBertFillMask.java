package org.bybert.udf.ml;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.ChooseTask;
import org.bybert.encoder.text.ByteTokenizer;
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
            string("gapsCol", "", "column for the gaps and their candidates; empty for none; needs topK or targets");

    public final Param<String> lengthBy = string(
            "lengthBy",
            name(FillOptions.DEFAULTS.lengthBy()),
            "what texts of different lengths are compared by: the logarithm of their probability per char or per byte");

    public final IntParam passes = declare(
            new IntParam(
                    this,
                    "passes",
                    "forward passes at most: each writes the surest characters, the next one looks at the rest again; "
                            + "with several topK is at most 1"),
            FillOptions.DEFAULTS.passes());

    public final StringArrayParam targets = declare(
            new StringArrayParam(
                    this,
                    "targets",
                    "texts of which the best is put in the one gap of a text, each at its own length; empty for all text"),
            new String[0]);
    public final Param<String> targetsCol =
            string("targetsCol", "", "column of type array<string> with the targets of each text; empty for none");

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
        if (most == 0 && !hasTargets() && !getOrDefault(gapsCol).isEmpty()) {
            throw new IllegalArgumentException(
                    uid() + ": gapsCol: expected topK of 1 or more, or targets, with it, found 0");
        }
        FillOptions fill = new FillOptions(
                constant(decode, FillOptions.Decoding.class),
                most,
                constant(lengthBy, FillOptions.LengthBy.class),
                (Integer) getOrDefault(passes));
        if (!targets().isEmpty() && !targetsCol().isEmpty()) {
            throw new IllegalArgumentException(uid() + ": targetsCol: expected without targets");
        }
        if (hasTargets() && (most > 0 || fill.passes() > 1 || fill.decoding() == FillOptions.Decoding.BYTES)) {
            throw new IllegalArgumentException(uid()
                    + ": targets: expected without topK, passes and decode: targets are all that may be filled in");
        }
        return fill;
    }

    private List<String> targets() {
        return Arrays.asList(getOrDefault(targets));
    }

    private String targetsCol() {
        return getOrDefault(targetsCol);
    }

    private boolean hasTargets() {
        return !targets().isEmpty() || !targetsCol().isEmpty();
    }

    @Override
    public StructType transformSchema(StructType input) {
        if (!targetsCol().isEmpty()) {
            BatchPartition.textsIndex(input, targetsCol());
        }
        return super.transformSchema(input);
    }

    @Override
    BatchOptions options() {
        fill();
        return super.options();
    }

    @Override
    void check(ModelReference reference) {
        ByteTokenizer tokenizer = reference.check().tokenizer();
        tokenizer.maskId();
        if (!targets().isEmpty()) {
            ChooseTask.check(tokenizer, targets());
        }
    }

    @Override
    BatchPartition<?, ?> partition(ModelReference reference, StructType input, int textIndex, BatchMetrics metrics) {
        if (!hasTargets()) {
            return BatchPartition.fillMask(reference, options(), fill(), textIndex, metrics);
        }
        FillOptions.LengthBy by = fill().lengthBy();
        return targetsCol().isEmpty()
                ? BatchPartition.choose(reference, options(), List.copyOf(targets()), by, textIndex, metrics)
                : BatchPartition.choose(
                        reference, options(), BatchPartition.textsIndex(input, targetsCol()), by, textIndex, metrics);
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

    public ByBertFillMask setPasses(int most) {
        return with(passes, most);
    }

    public ByBertFillMask setTargets(String... texts) {
        return with(targets, texts);
    }

    public ByBertFillMask setTargetsCol(String name) {
        return with(targetsCol, name);
    }

    public ByBertFillMask setLengthBy(String unit) {
        return with(lengthBy, unit);
    }

    @Override
    Computation computation(ModelReference reference) {
        Map<String, String> options = options().deciding();
        options.keySet().retainAll(Set.of("max_bytes", "long_text"));
        options.putAll(fill().deciding());
        if (hasTargets()) {
            options.put("targets", targetsCol().isEmpty() ? targets().toString() : "of each row");
        }
        return Computation.of("bybert_fill_mask", reference, options);
    }

    public ByBertFillMask setScoreCol(String name) {
        return with(scoreCol, name);
    }
}
