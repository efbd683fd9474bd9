package org.bybert.udf.sql;

import org.apache.spark.sql.api.java.UDF1;

/** {@code bybert_check(text)}: why the other functions reject a text, or null; runs no model. */
final class CheckFunction implements UDF1<String, String> {

    private final TextReader reader;

    CheckFunction(TextReader reader) {
        this.reader = reader;
    }

    @Override
    public String call(String text) {
        return text == null ? "null text" : reader.rejection(text);
    }
}
