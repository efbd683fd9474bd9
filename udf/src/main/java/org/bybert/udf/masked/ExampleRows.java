package org.bybert.udf.masked;

import java.util.Iterator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Reads examples from Spark rows of {@link #SCHEMA}. */
public final class ExampleRows implements Iterator<Example> {

    /** {@code words} counts where {@code brings_words}; {@code problem} says why a row could not be read, or is null. */
    public static final StructType SCHEMA = new StructType()
            .add("set", DataTypes.StringType, false)
            .add("id", DataTypes.StringType, false)
            .add("text", DataTypes.StringType, true)
            .add("words", DataTypes.createArrayType(DataTypes.StringType), true)
            .add("brings_words", DataTypes.BooleanType, false)
            .add("problem", DataTypes.StringType, true);

    private final Iterator<Row> rows;

    ExampleRows(Iterator<Row> rows) {
        this.rows = rows;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public Example next() {
        Row row = rows.next();
        return new Example(row.getString(0), row.getString(1), row.getString(2),
                row.isNullAt(3) ? null : row.getList(3), row.getBoolean(4), row.getString(5));
    }
}
