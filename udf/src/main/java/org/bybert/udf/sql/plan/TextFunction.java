package org.bybert.udf.sql.plan;

import java.io.Serializable;
import org.apache.spark.sql.types.DataType;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;

/**
 * What a SQL function makes of one text. Implementations are values: two that are equal answer alike. Answers are in
 * Catalyst's types.
 */
public interface TextFunction extends Serializable {

    DataType resultType();

    /** @param text not null */
    Object answer(String text);

    /** The answer of a null text. */
    default Object answerOfNull() {
        return null;
    }

    /**
     * A function that the model answers: texts of one task go through one engine, and one text alone is the batch of
     * one.
     */
    interface InBatches extends TextFunction {

        /** A new engine, for the executor that asks. */
        TextEngine<String, ?> engine();

        /** An answer of the engine in Catalyst's types. */
        default Object value(Answer<?> answer) {
            return answer.value();
        }

        @Override
        default Object answer(String text) {
            return value(engine().answer(text));
        }
    }
}
