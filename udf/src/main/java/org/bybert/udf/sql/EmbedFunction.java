package org.bybert.udf.sql;

import java.util.List;
import org.apache.spark.sql.api.java.UDF1;
import org.bybert.udf.sql.TextReader.Read;

/** {@code bybert_embed(text)}: the pooled vector; null for null and for a text that is too long. */
final class EmbedFunction implements UDF1<String, float[]> {

    private final TextReader reader;

    EmbedFunction(TextReader reader) {
        this.reader = reader;
    }

    @Override
    public float[] call(String text) {
        if (text == null) {
            return null;
        }
        Read read = reader.read(text);
        if (read.ids() == null) {
            return null;
        }
        FunctionOptions options = reader.options();
        return reader.model().withSession(session ->
                session.embed(List.of(read.ids()), options.pooling(), options.normalize())[0]);
    }
}
