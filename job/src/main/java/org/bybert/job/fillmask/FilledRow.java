package org.bybert.job.fillmask;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.MaskShorthand.Slot;
import org.bybert.job.data.InputLines;

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
 * @param gaps      null where no candidates were asked for
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
        String error,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<Gap> gaps) {

    /** A gap as {@link FilledGap} has it; the margin is null where there is nothing to compare. */
    record Gap(
            int start,
            int length,
            @JsonInclude(JsonInclude.Include.NON_NULL) Double margin,
            List<Candidate> candidates) {

        /** What may stand there. */
        record Candidate(String text, @JsonIgnore int bytes, double logprob, double probability) {}

        static Gap of(FilledGap gap, ByteTokenizer tokenizer) {
            return new Gap(
                    gap.start(),
                    gap.length(),
                    Double.isNaN(gap.margin()) ? null : gap.margin(),
                    gap.candidates().stream()
                            .map(found -> new Candidate(
                                    found.text(),
                                    tokenizer.encoding().byteLength(found.text()),
                                    found.logProbability(),
                                    found.probability()))
                            .toList());
        }
    }

    /** @param tokenizer of the model, to tell what was read */
    static FilledRow of(InputLines.Line input, Answer<FilledText> answer, ByteTokenizer tokenizer, int maxTokens) {
        if (answer.tokens() == null) {
            return new FilledRow(input.row(), input.text(), null, null, null, null, null, false, answer.error(), null);
        }
        String expanded = tokenizer.expandMasks(input.text(), maxTokens).text();
        String read = answer.truncated() ? tokenizer.truncate(expanded, maxTokens) : expanded;
        int bytes = answer.tokens() - tokenizer.addedTokens();
        FilledText filled = answer.value();
        List<Slot> slots = filled == null ? List.of() : tokenizer.shorthand().slots(input.text());
        if (!answer.truncated() && filled != null && filled.gaps().size() == slots.size()) {
            // Of all lengths that were read the best.
            int[] lengths = filled.gaps().stream().mapToInt(FilledGap::length).toArray();
            read = tokenizer.shorthand().fill(input.text(), slots, lengths);
        }
        if (filled != null) {
            // Once, however many lengths or passes there were.
            bytes = tokenizer.encode(read).length - tokenizer.addedTokens();
        }
        return new FilledRow(
                input.row(),
                input.text(),
                read,
                filled == null ? null : filled.text(),
                filled == null ? null : filled.score(),
                tokenizer.masks(read),
                bytes,
                answer.truncated(),
                answer.error(),
                filled == null || filled.gaps().isEmpty()
                        ? null
                        : filled.gaps().stream()
                                .map(gap -> Gap.of(gap, tokenizer))
                                .toList());
    }
}
