package org.bybert.udf.sql;

import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.udf.batch.Answer;
import org.bybert.udf.batch.OneText;
import org.bybert.udf.sql.plan.TextFunction;

/** {@code bybert_embed}: the pooled vector; null for a text that is refused. */
record EmbedFunction(CallSettings settings) implements TextFunction {

    private OneText<float[]> texts() {
        return OneText.embedding(settings.reference(), settings.texts(), settings.metrics());
    }

    @Override
    public DataType resultType() {
        return DataTypes.createArrayType(DataTypes.FloatType, false);
    }

    @Override
    public Object answer(String text) {
        return value(texts().answer(text));
    }

    @Override
    public Answers answers() {
        return new BatchAnswers<>(texts().window(), EmbedFunction::value);
    }

    private static Object value(Answer<float[]> answer) {
        return answer.value() == null ? null : UnsafeArrayData.fromPrimitiveArray(answer.value());
    }
}
