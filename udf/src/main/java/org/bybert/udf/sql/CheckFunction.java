package org.bybert.udf.sql;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.bybert.udf.sql.plan.TextFunction;

/** {@code bybert_check}: why {@code bybert_embed} and {@code bybert_fill_mask} refuse a text, or null; reads no weights. */
record CheckFunction(CallSettings settings) implements TextFunction {

    @Override
    public DataType resultType() {
        return DataTypes.StringType;
    }

    @Override
    public Object answer(String text) {
        return UTF8String.fromString(settings.reader().read(text).error());
    }

    @Override
    public Object answerOfNull() {
        return UTF8String.fromString("null text");
    }
}
