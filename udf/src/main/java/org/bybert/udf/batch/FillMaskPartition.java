package org.bybert.udf.batch;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FilledText;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.FillMaskTask;
import org.bybert.encoder.batch.TextTask;
import org.bybert.udf.ModelReference;

/** Fills the masks in the texts of a partition; see {@link BatchPartition} and {@link #schema}. */
public final class FillMaskPartition extends BatchPartition<FilledText> {

    /**
     * @param textIndex column with the text, see {@link TextColumn#index}
     * @throws IllegalArgumentException where long texts are to be split: a mask is filled in one look at the whole text
     */
    public FillMaskPartition(ModelReference reference, BatchOptions options, int textIndex, BatchMetrics metrics) {
        super(reference, options, textIndex, metrics);
        FillMaskTask.check(options);
    }

    /**
     * The input's columns, then {@code filled} (the text with every mask replaced by the most probable token),
     * {@code score} (geometric mean of the probabilities of what was filled in; null where there was no mask) and the
     * columns that follow every answer.
     *
     * @throws IllegalArgumentException where the input has a column of one of these names
     */
    public static StructType schema(StructType input) {
        return append(input, new StructType()
                .add("filled", DataTypes.StringType, true)
                .add("score", DataTypes.DoubleType, true));
    }

    @Override
    TextTask<String, ?, FilledText> task(ByBert model, BatchOptions options) {
        return new FillMaskTask(model, options);
    }

    @Override
    Object[] values(FilledText filled) {
        return new Object[] {filled == null ? null : filled.text(),
            filled == null || filled.masks() == 0 ? null : filled.score()};
    }
}
