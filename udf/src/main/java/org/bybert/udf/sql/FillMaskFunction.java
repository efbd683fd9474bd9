package org.bybert.udf.sql;

import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.FilledText;
import org.bybert.udf.sql.TextReader.Read;

/**
 * {@code bybert_fill_mask(text)}: the text with every mask token filled, and the geometric mean of the probabilities of
 * what was filled in (null where the text has no mask). A text that is too long has null in both and the reason in
 * {@code error}.
 */
final class FillMaskFunction implements UDF1<String, Row> {

    static final StructType RESULT = new StructType()
            .add("text", DataTypes.StringType, true)
            .add("score", DataTypes.DoubleType, true)
            .add("error", DataTypes.StringType, true);

    private final TextReader reader;

    FillMaskFunction(TextReader reader) {
        this.reader = reader;
    }

    @Override
    public Row call(String text) {
        if (text == null) {
            return null;
        }
        Read read = reader.read(text);
        if (read.ids() == null) {
            return RowFactory.create(null, null, read.rejection());
        }
        FilledText filled = reader.model().withSession(session -> session.fillMask(List.of(read.ids())).get(0));
        return RowFactory.create(filled.text(), filled.masks() == 0 ? null : filled.score(), null);
    }
}
