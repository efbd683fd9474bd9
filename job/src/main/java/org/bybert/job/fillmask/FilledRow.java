package org.bybert.job.fillmask;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.text.ByteTokenizer;

/**
 * One text and what became of it; as JSON under the names of the components.
 *
 * @param row       from 1, in the order of the input
 * @param text      as it came; null where it could not be read
 * @param read      what the model read: masks written out, cut where it was too long; null where it read nothing
 * @param filled    the text with its masks filled, or null
 * @param score     geometric mean of the probabilities of what was filled in, or null
 * @param masks     number of masks; null where nothing was read
 * @param bytes     bytes of what the model read, a mask counting as one; null where nothing was read
 * @param truncated whether it was cut
 * @param error     why it was not filled ({@code kind: details}), or null
 */
record FilledRow(
        long row,
        String text,
        @JsonIgnore String read,
        String filled,
        Double score,
        Integer masks,
        @JsonProperty("n_bytes") Integer bytes,
        boolean truncated,
        String error) {

    /** @param tokenizer of the model, to tell what was read */
    static FilledRow of(InputLines.Line input, Answer<FilledText> answer, ByteTokenizer tokenizer, int maxTokens) {
        if (answer.tokens() == null) {
            return new FilledRow(input.row(), input.text(), null, null, null, null, null, false, answer.error());
        }
        String expanded = tokenizer.expandMasks(input.text(), maxTokens).text();
        String read = answer.truncated() ? tokenizer.truncate(expanded, maxTokens) : expanded;
        int bytes = answer.tokens() - tokenizer.addedTokens();
        FilledText filled = answer.value();
        return new FilledRow(
                input.row(),
                input.text(),
                read,
                filled == null ? null : filled.text(),
                filled == null ? null : filled.score(),
                tokenizer.masks(read),
                bytes,
                answer.truncated(),
                answer.error());
    }
}
