package org.bybert.udf.sql.plan;

import java.util.LinkedList;
import java.util.Queue;

/** Answers each text when it is asked for. */
final class OneByOne implements TextFunction.Answers {

    private final TextFunction function;
    private final Queue<String> texts = new LinkedList<>();

    OneByOne(TextFunction function) {
        this.function = function;
    }

    @Override
    public void add(String text) {
        texts.add(text);
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public Object remove() {
        String text = texts.remove();
        return text == null ? function.answerOfNull() : function.answer(text);
    }
}
