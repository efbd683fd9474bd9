package org.bybert.udf.sql.plan;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.apache.spark.sql.types.DataType;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextEngine;

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

    /** For the texts of one task; null where nothing is gained by batches. */
    default Answers<?> answers() {
        return null;
    }

    /**
     * Answers in the order of the texts. A null text has a null answer and never gets to the engine.
     *
     * @param value  an answer in Catalyst's types
     * @param isNull whether a text was, of those whose answers are not fetched yet
     */
    record Answers<A>(TextEngine<String, A> engine, Function<Answer<A>, Object> value, Deque<Boolean> isNull) {

        public Answers(TextEngine<String, A> engine, Function<Answer<A>, Object> value) {
            this(engine, value, new ArrayDeque<>());
        }

        void add(String text) {
            isNull.add(text == null);
            if (text != null) {
                engine.add(text);
            }
        }

        /** Whether the next answer costs nothing, or more texts would not make it cheaper. */
        boolean isReady() {
            return !isNull.isEmpty() && (isNull.getFirst() || engine.isReady());
        }

        /** The answer of the text that was added first. */
        Object remove() {
            return isNull.removeFirst() ? null : value.apply(engine.remove());
        }
    }
}
