package org.bybert.udf.masked;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchCounters;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ExecutorReports;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.batch.KilledTask;

/** From the rows of a partition (see {@link Example#SCHEMA}) to their predictions ({@link PredictionRows#SCHEMA}). */
public final class ScoreMaskedWords implements MapPartitionsFunction<Row, Row> {

    private final ModelReference reference;
    private final MaskedWordSettings settings;
    private final ExecutorReports reports;

    /** @param reports registered with the Spark context */
    public ScoreMaskedWords(ModelReference reference, MaskedWordSettings settings, ExecutorReports reports) {
        this.reference = reference;
        this.settings = settings;
        this.reports = reports;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return List.<Row>of().iterator();
        }
        ByBert model = Models.get(reference).encoder();
        reports.add(ExecutorReport.ofThisJvm(reference));
        return score(rows, model, settings);
    }

    static Iterator<Row> score(Iterator<Row> rows, ByBert model, MaskedWordSettings settings) {
        return new TextEngine<>(model, new MaskedWordTask(model.tokenizer(), settings), BatchOptions.DEFAULTS,
                KilledTask::check, BatchCounters.NONE)
                .stream(rows, Example::of, row -> row.isNullAt(2) ? 0 : row.getString(2).length(), (row, answer) ->
                        answer.error() == null ? answer.value()
                                : PredictionRows.failed(row.getString(0), row.getString(1), answer.error()));
    }
}
