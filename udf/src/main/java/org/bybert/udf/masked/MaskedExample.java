package org.bybert.udf.masked;

import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.Span;

/**
 * An example with some of its spans masked, ready for the model.
 *
 * @param gold   ids of the whole text, special tokens at its ends included
 * @param ids    the same with the mask token at every byte of {@code masked}
 * @param first  position of the text's first byte in {@code ids}
 * @param masked the masked spans, in bytes of the text
 * @param units  number of units the spans were chosen from
 */
record MaskedExample(Example example, int[] gold, int[] ids, int first, List<Span> masked, int units, int bytes) {

    static MaskedExample of(Example example, Settings settings, ByteTokenizer tokenizer, Segmenter segmenter)
            throws RowProblem {
        List<String> pieces = example.usesOwnWords(settings.unit())
                ? example.words() : segmenter.segment(example.text());
        List<Span> spans = Span.of(pieces, settings.unit(), tokenizer.encoding());
        if (spans.isEmpty()) {
            throw new RowProblem("blank text", "nothing but white space");
        }
        List<Span> masked = MaskPicker.pick(spans, settings.maskRate(), settings.seed(), example.id());
        int[] gold = tokenizer.encodePlain(example.text());
        int[] ids = gold.clone();
        int first = tokenizer.prefixLength();
        for (Span span : masked) {
            Arrays.fill(ids, first + span.start(), first + span.end(), tokenizer.maskId());
        }
        return new MaskedExample(example, gold, ids, first, masked, spans.size(), gold.length - tokenizer.addedTokens());
    }

    /** Number of masked bytes. */
    int maskedBytes() {
        return masked.stream().mapToInt(Span::length).sum();
    }
}
