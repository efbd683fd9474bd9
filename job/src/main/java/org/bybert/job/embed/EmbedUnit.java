package org.bybert.job.embed;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.batch.BatchPartition;

/** From the rows of a unit (see {@link EmbedInput}) to the rows that are written; counts them on the way. */
final class EmbedUnit implements MapPartitionsFunction<Row, Row> {

    private static final String OVERFLOW = "too large for float16: a value is over 65504";

    private final BatchPartition<float[]> embed;
    private final Precision precision;
    private final int kept;

    /** @param kept number of kept columns */
    EmbedUnit(BatchPartition<float[]> embed, Precision precision, int kept) {
        this.embed = embed;
        this.precision = precision;
        this.kept = kept;
    }

    /**
     * The kept columns, then {@code embedding}, {@code scale} where the precision has one, and the other columns of
     * {@link BatchPartition#schema}.
     *
     * @throws IllegalArgumentException where a kept column has one of these names
     */
    static StructType schema(StructType input, Precision precision) {
        StructType schema = new StructType();
        StructField[] fields = BatchPartition.schema(input, BatchPartition.EMBEDDING).fields();
        for (int i = EmbedInput.COLUMNS; i < fields.length; i++) {
            if (i != input.size()) {
                schema = schema.add(fields[i]);
                continue;
            }
            schema = schema.add(fields[i].name(), precision.type(), true);
            if (precision == Precision.INT8) {
                schema = schema.add(Precision.SCALE, DataTypes.FloatType, true);
            }
        }
        return schema;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) throws Exception {
        if (!rows.hasNext()) {
            return List.<Row>of().iterator();
        }
        Iterator<Row> embedded = embed.call(rows);
        return new Iterator<>() {
            private UnitTally tally;

            @Override
            public boolean hasNext() {
                return embedded.hasNext();
            }

            @Override
            public Row next() {
                Row row = embedded.next();
                if (tally == null) {
                    tally = UnitTally.begin(row.getInt(EmbedInput.UNIT));
                }
                return result(row, tally);
            }
        };
    }

    private Row result(Row row, UnitTally tally) {
        int at = EmbedInput.COLUMNS + kept;
        float[] vector = (float[]) row.get(at);
        Integer bytes = (Integer) row.get(at + 1);
        Integer tokens = (Integer) row.get(at + 2);
        boolean truncated = row.getBoolean(at + 3);
        String problem = row.getString(EmbedInput.PROBLEM);
        String error = problem != null ? problem : row.getString(at + 4);

        Float scale = vector == null || precision != Precision.INT8 ? null : (Float) Precision.scale(vector);
        Object stored = vector == null ? null : precision.store(vector, scale == null ? 0 : scale);
        if (vector != null && stored == null) {
            error = OVERFLOW;
        }
        tally.add(row.getInt(EmbedInput.UNIT), bytes, tokens, truncated, error,
                checksum(row.getString(EmbedInput.ID), stored, scale, bytes, tokens, truncated, error));

        Object[] values = new Object[kept + (precision == Precision.INT8 ? 6 : 5)];
        for (int i = 0; i < kept; i++) {
            values[i] = row.get(EmbedInput.COLUMNS + i);
        }
        int to = kept;
        values[to++] = stored;
        if (precision == Precision.INT8) {
            values[to++] = scale;
        }
        values[to++] = bytes;
        values[to++] = tokens;
        values[to++] = truncated;
        values[to] = error;
        return RowFactory.create(values);
    }

    private static long checksum(String id, Object stored, Float scale, Integer bytes, Integer tokens,
                                 boolean truncated, String error) {
        RowChecksum sum = new RowChecksum().add(id);
        if (stored instanceof byte[] packed) {
            sum.add(packed);
        } else {
            sum.add((float[]) stored);
        }
        return sum.add(scale == null ? -1 : Float.floatToRawIntBits(scale))
                .add(bytes == null ? -1 : bytes)
                .add(tokens == null ? -1 : tokens)
                .add(truncated ? 1 : 0)
                .add(error)
                .value();
    }
}
