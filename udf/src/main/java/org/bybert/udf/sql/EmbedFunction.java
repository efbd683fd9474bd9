package org.bybert.udf.sql;

import org.apache.spark.sql.catalyst.expressions.UnsafeArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.batch.EmbedTask;
import org.bybert.encoder.batch.TextEngine;

/** {@code bybert_embed}: the pooled vector; null for a text that is refused. */
record EmbedFunction(CallSettings settings) implements EngineFunction<float[]> {

    @Override
    public TextEngine<String, float[]> engine() {
        return settings.engine(model -> new EmbedTask(model, settings.texts()));
    }

    @Override
    public DataType resultType() {
        return DataTypes.createArrayType(DataTypes.FloatType, false);
    }

    @Override
    public Object value(Answer<float[]> answer) {
        return answer.value() == null ? null : UnsafeArrayData.fromPrimitiveArray(answer.value());
    }
}
