package org.bybert.job.fillmask;

import org.bybert.encoder.FilledText;
import org.bybert.encoder.batch.Answer;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * One text and what became of it.
 *
 * @param row       from 1, in the order of the input
 * @param text      as it came; null where it could not be read
 * @param read      what the model read: masks written out, cut where it was too long; null where it read nothing
 * @param filled    the text with its masks filled, or null
 * @param score     geometric mean of the probabilities of what was filled in, or NaN
 * @param masks     number of masks
 * @param bytes     bytes of what the model read, a mask counting as one
 * @param truncated whether it was cut
 * @param error     why it was not filled ({@code kind: details}), or null
 */
record FilledRow(long row, String text, String read, String filled, double score, int masks, int bytes,
                 boolean truncated, String error) {

    /** @param tokenizer of the model, to tell what was read */
    static FilledRow of(InputLines.Line input, Answer<FilledText> answer, ByteTokenizer tokenizer, int maxTokens) {
        if (answer.tokens() == null) {
            return new FilledRow(input.row(), input.text(), null, null, Double.NaN, 0, 0, false, answer.error());
        }
        String expanded = tokenizer.expandMasks(input.text(), maxTokens).text();
        String read = answer.truncated() ? tokenizer.truncate(expanded, maxTokens) : expanded;
        FilledText filled = answer.value();
        return new FilledRow(input.row(), input.text(), read, filled == null ? null : filled.text(),
                filled == null ? Double.NaN : filled.score(), filled == null ? tokenizer.masks(read) : filled.masks(),
                answer.tokens() - tokenizer.addedTokens(), answer.truncated(), answer.error());
    }
}
