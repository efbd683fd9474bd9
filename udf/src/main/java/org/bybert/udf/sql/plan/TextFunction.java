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

    /**
     * As {@link #answer}.
     *
     * @param input value of the call's argument, in Catalyst's types; not null
     */
    default Object answerOf(Object input) {
        return answer(input.toString());
    }

    /** Type of the text in an argument of a type. */
    default DataType textType(DataType argument) {
        return argument;
    }

    /** The answer of a null text. */
    default Object answerOfNull() {
        return null;
    }

    /**
     * A function that the model answers: texts of one task go through one engine, and one text alone is the batch of
     * one.
     */
    interface InBatches extends TextFunction {

        /** A new engine for what {@link #text} makes of an argument, for the executor that asks. */
        TextEngine<?, ?> engine();

        /**
         * A text and what comes with it, kept apart from the row.
         *
         * @param input as of {@link #answerOf}
         * @return null where the text is null
         */
        default Object text(Object input) {
            return input.toString();
        }

        /** An answer of the engine in Catalyst's types. */
        default Object value(Answer<?> answer) {
            return answer.value();
        }

        @Override
        default Object answer(String text) {
            return answerOf(text);
        }

        @Override
        @SuppressWarnings("unchecked") // A function's engine takes the function's texts.
        default Object answerOf(Object input) {
            Object text = text(input);
            return text == null ? answerOfNull() : value(((TextEngine<Object, ?>) engine()).answer(text));
        }
    }
}
