package org.bybert.udf.masked;

import java.util.Arrays;
import org.bybert.encoder.Predictions;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.words.Span;

/** What the model made of one masked span. */
record ScoredSpan(int start, int end, String gold, String predicted, int correctBytes, double probability) {

    /**
     * @param at index of the span's first byte in {@code predictions}
     */
    static ScoredSpan of(MaskedExample example, Span span, Predictions predictions, int at, ByteTokenizer tokenizer) {
        int from = example.first() + span.start();
        int correct = 0;
        double probability = 1;
        for (int i = 0; i < span.length(); i++) {
            correct += predictions.ids()[at + i] == example.gold()[from + i] ? 1 : 0;
            probability *= predictions.probabilities()[at + i];
        }
        return new ScoredSpan(span.start(), span.end(),
                tokenizer.decode(example.gold(), from, from + span.length()),
                tokenizer.decode(Arrays.copyOfRange(predictions.ids(), at, at + span.length()), 0, span.length()),
                correct, probability);
    }

    /** Every byte was predicted. */
    boolean correct() {
        return correctBytes == end - start;
    }
}
