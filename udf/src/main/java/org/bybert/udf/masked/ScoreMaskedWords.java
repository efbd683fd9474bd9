package org.bybert.udf.masked;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.bybert.udf.ExecutorReport;
import org.bybert.udf.ExecutorReports;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.OpenModel;

/** From the rows of a partition (see {@link ExampleRows}) to their predictions ({@link PredictionRows#SCHEMA}). */
public final class ScoreMaskedWords implements MapPartitionsFunction<Row, Row> {

    private final ModelReference reference;
    private final Settings settings;
    private final ExecutorReports reports;

    /** @param reports registered with the Spark context */
    public ScoreMaskedWords(ModelReference reference, Settings settings, ExecutorReports reports) {
        this.reference = reference;
        this.settings = settings;
        this.reports = reports;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return List.<Row>of().iterator();
        }
        OpenModel model = Models.get(reference);
        reports.add(ExecutorReport.ofThisJvm(reference));
        return new MaskedWordScorer(new ExampleRows(rows), model, settings);
    }
}
