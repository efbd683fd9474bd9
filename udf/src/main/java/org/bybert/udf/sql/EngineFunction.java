package org.bybert.udf.sql;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.udf.sql.plan.TextFunction;

/**
 * A function that the model answers: texts of one task go through one engine, and one text alone is the batch of one. A
 * null text has a null answer and never gets there.
 *
 * @param <A> the engine's answer
 */
interface EngineFunction<A> extends TextFunction {

    /** A new engine, for the executor that asks. */
    TextEngine<String, A> engine();

    /** An answer in Catalyst's types. */
    Object value(Answer<A> answer);

    @Override
    default Object answer(String text) {
        return value(engine().answer(text));
    }

    @Override
    default Answers answers() {
        TextEngine<String, A> engine = engine();
        Deque<Boolean> isNull = new ArrayDeque<>();
        return new Answers() {
            @Override
            public void add(String text) {
                isNull.add(text == null);
                if (text != null) {
                    engine.add(text);
                }
            }

            @Override
            public boolean isReady() {
                return !isNull.isEmpty() && (isNull.getFirst() || engine.isReady());
            }

            @Override
            public Object remove() {
                return isNull.removeFirst() ? null : value(engine.remove());
            }
        };
    }
}
