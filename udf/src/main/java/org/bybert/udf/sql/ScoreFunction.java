package org.bybert.udf.sql;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.udf.masked.ScoreTask;

/** {@code bybert_score}, see {@link ScoreTask}; null for a text that is refused, blank, or overflows the model. */
record ScoreFunction(CallSettings settings) implements EngineFunction<Double> {

    @Override
    public TextEngine<String, Double> engine() {
        return settings.engine(model -> new ScoreTask(model, settings.texts(), settings.unit()));
    }

    @Override
    public DataType resultType() {
        return DataTypes.DoubleType;
    }

    @Override
    public Object value(Answer<Double> answer) {
        return answer.value();
    }
}
