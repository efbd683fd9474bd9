package org.bybert.udf.sql;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.bybert.udf.batch.Answer;
import org.bybert.udf.batch.AnswerWindow;
import org.bybert.udf.sql.plan.TextFunction;

/** Answers of the batched path as SQL values; a null text has a null answer and never gets there. */
final class BatchAnswers<A> implements TextFunction.Answers {

    private final AnswerWindow<A> window;
    private final Function<Answer<A>, Object> value;
    private final Deque<Boolean> isNull = new ArrayDeque<>();

    BatchAnswers(AnswerWindow<A> window, Function<Answer<A>, Object> value) {
        this.window = window;
        this.value = value;
    }

    @Override
    public void add(String text) {
        isNull.add(text == null);
        if (text != null) {
            window.add(text);
        }
    }

    @Override
    public boolean isReady() {
        return !isNull.isEmpty() && (isNull.getFirst() || window.isReady());
    }

    @Override
    public Object remove() {
        return isNull.removeFirst() ? null : value.apply(window.remove());
    }
}
