package org.bybert.udf.sql;

import java.io.Serializable;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.batch.BatchMetrics;
import org.bybert.udf.batch.BatchOptions;
import org.bybert.udf.batch.TextReader;
import org.bybert.udf.words.Unit;

/**
 * How one call answers; a function looks only at what concerns it.
 *
 * @param unit what is masked as a whole
 * @param rate share of the units that {@code bybert_mask_words} masks
 * @param seed of its choice
 */
record CallSettings(ModelReference reference, BatchOptions texts, Unit unit, double rate, long seed,
                    BatchMetrics metrics) implements Serializable {

    CallSettings(ModelReference reference, BatchOptions texts, BatchMetrics metrics) {
        this(reference, texts, Unit.WORD, 0, 0, metrics);
    }

    /** Needs no weights. */
    ByteTokenizer tokenizer() {
        return Models.describe(reference).tokenizer();
    }

    /** The rule for lengths; needs no weights. */
    TextReader reader() {
        var model = Models.describe(reference);
        return new TextReader(model.tokenizer(), model.config().maxPositionEmbeddings(), texts);
    }
}
