package org.bybert.udf.sql;

import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextReader;
import org.bybert.encoder.batch.TextTask;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;

/**
 * How one call answers; a function looks only at what concerns it.
 *
 * @param fill how masks are filled
 * @param targets that {@code bybert_choose} chooses from
 * @param unit what is masked as a whole
 * @param segmenter cuts words
 * @param rate share of the units that {@code bybert_mask_words} masks
 * @param seed of its choice
 */
record CallSettings(
        ModelReference reference,
        BatchOptions texts,
        FillOptions fill,
        List<String> targets,
        Unit unit,
        SegmenterReference segmenter,
        double rate,
        long seed,
        BatchMetrics metrics)
        implements Serializable {

    CallSettings(ModelReference reference, BatchOptions texts, BatchMetrics metrics) {
        this(reference, texts, FillOptions.DEFAULTS, List.of(), Unit.WORD, SegmenterReference.DEFAULT, 0, 0, metrics);
    }

    /** An engine for the executor that asks; what it does is counted. */
    <A> TextEngine<String, A> engine(Function<ByBert, TextTask<String, ?, A>> task) {
        return metrics.engine(reference, texts, task);
    }

    Segmenter cutter() {
        return Segmenter.of(unit, segmenter);
    }

    /** The rule for lengths; needs no weights. */
    TextReader reader() {
        var model = Models.describe(reference);
        return new TextReader(model.tokenizer(), model.config().maxPositionEmbeddings(), texts);
    }
}
