package org.bybert.udf.masked;

import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.udf.ModelReference;
import org.bybert.udf.batch.BatchMetrics;

/** From the rows of a partition (see {@link Example#SCHEMA}) to their predictions ({@link PredictionRows#SCHEMA}). */
public final class ScoreMaskedWords implements MapPartitionsFunction<Row, Row> {

    private final ModelReference reference;
    private final MaskedWordSettings settings;
    private final BatchMetrics metrics;

    public ScoreMaskedWords(ModelReference reference, MaskedWordSettings settings, BatchMetrics metrics) {
        this.reference = reference;
        this.settings = settings;
        this.metrics = metrics;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return !rows.hasNext() ? Collections.emptyIterator() : score(rows, metrics.engine(reference,
                BatchOptions.DEFAULTS, model -> new MaskedWordTask(model.tokenizer(), settings)));
    }

    static Iterator<Row> score(Iterator<Row> rows, TextEngine<Example, Row> engine) {
        return engine.stream(rows, Example::of, row -> row.isNullAt(2) ? 0 : row.getString(2).length(), (row, answer) ->
                answer.error() == null ? answer.value()
                        : PredictionRows.failed(row.getString(0), row.getString(1), answer.error()));
    }
}
