package org.bybert.udf.sql;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.stream.Computation;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;

/**
 * How one call answers; a function looks only at what concerns it.
 *
 * @param fill how masks are filled
 * @param targets that {@code bybert_choose} chooses from; null where each text brings its own
 * @param method which bytes {@code bybert_score} masks
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
        ScoreMethod method,
        Unit unit,
        SegmenterReference segmenter,
        double rate,
        long seed,
        BatchMetrics metrics)
        implements Serializable {

    CallSettings(ModelReference reference, BatchOptions texts, BatchMetrics metrics) {
        this(
                reference,
                texts,
                FillOptions.DEFAULTS,
                List.of(),
                ScoreMethod.WORD,
                Unit.WORD,
                SegmenterReference.DEFAULT,
                0,
                0,
                metrics);
    }

    /** An engine for the executor that asks; what it does is counted. */
    <T, A> TextEngine<T, A> engine(Function<ByBert, TextTask<T, ?, A>> task) {
        return metrics.engine(reference, texts, task);
    }

    /** What decides the answers of a function. */
    Computation computation(SqlFunction function) {
        Map<String, String> options = texts.deciding();
        options.putAll(fill.deciding());
        options.put(Setting.TARGETS.key, String.valueOf(targets));
        if (method == ScoreMethod.WORD_L2R) {
            // The others are told by their unit.
            options.put(Setting.METHOD.key, method.toString());
        }
        options.put(Setting.UNIT.key, unit.name().toLowerCase(Locale.ROOT));
        if (unit == Unit.WORD) {
            // Wherever a dictionary lies.
            options.put(Setting.SEGMENTER.key, segmenter.name().replaceFirst(":.*", "") + ' ' + segmenter.hash());
            options.put(Setting.JOIN_DIGITS.key, String.valueOf(segmenter.joinsRuns()));
        }
        options.put(Setting.RATE.key, String.valueOf(rate));
        options.put(Setting.SEED.key, String.valueOf(seed));
        options.keySet()
                .removeIf(
                        key -> Arrays.stream(Setting.values()).noneMatch(s -> s.key.equals(key) && function.takes(s)));
        return Computation.of(function.sqlName, reference, options);
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
