package org.bybert.udf.masked;

import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.udf.words.Unit;

/**
 * One row of an evaluation set.
 *
 * @param words       the row's own words, which concatenate to the text
 * @param bringsWords the set has such words
 * @param problem     why the reader of the data could not make sense of the row, or null
 */
public record Example(String set, String id, String text, List<String> words, boolean bringsWords, String problem) {

    /** {@code words} counts where {@code brings_words}; {@code problem} says why a row was not read, or is null. */
    public static final StructType SCHEMA = new StructType()
            .add("set", DataTypes.StringType, false)
            .add("id", DataTypes.StringType, false)
            .add("text", DataTypes.StringType, true)
            .add("words", DataTypes.createArrayType(DataTypes.StringType), true)
            .add("brings_words", DataTypes.BooleanType, false)
            .add("problem", DataTypes.StringType, true);

    /** @param row of {@link #SCHEMA} */
    static Example of(Row row) {
        return new Example(
                row.getString(0),
                row.getString(1),
                row.getString(2),
                row.isNullAt(3) ? null : row.getList(3),
                row.getBoolean(4),
                row.getString(5));
    }

    /** The row's own words decide what is masked. */
    boolean usesOwnWords(Unit unit) {
        return bringsWords && unit == Unit.WORD;
    }
}
