package org.bybert.udf.batch;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.EmbedTask;
import org.bybert.encoder.batch.TextTask;
import org.bybert.udf.ModelReference;

/** Embeds the texts of a partition; see {@link BatchPartition} and {@link #schema}. */
public final class EmbedPartition extends BatchPartition<float[]> {

    /** @param textIndex column with the text, see {@link TextColumn#index} */
    public EmbedPartition(ModelReference reference, BatchOptions options, int textIndex, BatchMetrics metrics) {
        super(reference, options, textIndex, metrics);
    }

    /**
     * The input's columns, then {@code embedding} (of the hidden size; null where there is an error) and the columns
     * that follow every answer.
     *
     * @throws IllegalArgumentException where the input has a column of one of these names
     */
    public static StructType schema(StructType input) {
        return append(input, new StructType()
                .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), true));
    }

    /**
     * A table with its texts embedded.
     *
     * @throws IllegalArgumentException where a column is missing, not of strings, or in the way
     */
    public static Dataset<Row> embed(Dataset<Row> rows, String textColumn, ModelReference reference,
                                     BatchOptions options, BatchMetrics metrics) {
        int index = TextColumn.index(rows.schema(), textColumn);
        return rows.mapPartitions(new EmbedPartition(reference, options, index, metrics),
                Encoders.row(schema(rows.schema())));
    }

    @Override
    TextTask<String, ?, float[]> task(ByBert model, BatchOptions options) {
        return new EmbedTask(model, options);
    }

    @Override
    Object[] values(float[] vector) {
        return new Object[] {vector};
    }
}
