package org.bybert.udf.masked;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.bybert.encoder.batch.TextProblem;
import org.bybert.encoder.batch.TextTask.Piece;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.udf.SplitMix64;
import org.bybert.udf.words.Span;
import org.bybert.udf.words.Unit;

/**
 * A text cut into the units that can be masked. Nothing in it stands for a special token: it is data, not a prompt.
 *
 * @param ids   of the text, special tokens at its ends included
 * @param units spans of bytes of the model's encoding; white space is in none
 */
public record MaskableText(ByteTokenizer tokenizer, int[] ids, List<Span> units) {

    /**
     * @param pieces of the text, which concatenate to it
     * @throws TextProblem where there is nothing to mask
     */
    public static MaskableText of(String text, List<String> pieces, Unit unit, ByteTokenizer tokenizer) {
        List<Span> units = Span.of(pieces, unit, tokenizer.encoding());
        if (units.isEmpty()) {
            throw new TextProblem("blank text", "nothing but white space");
        }
        return new MaskableText(tokenizer, tokenizer.encodePlain(text), units);
    }

    /** The text with some units masked, one mask per byte, of which every byte is asked for. */
    public Piece mask(List<Span> masked) {
        int[] copy = ids.clone();
        int[] asked = new int[masked.stream().mapToInt(Span::length).sum()];
        int[] targets = new int[asked.length];
        int next = 0;
        for (Span unit : masked) {
            for (int at = first(unit); at < first(unit) + unit.length(); at++) {
                asked[next] = at;
                targets[next++] = ids[at];
                copy[at] = tokenizer.maskId();
            }
        }
        return new Piece(copy, asked, targets);
    }

    /** The text with the end of a unit masked, of which the first byte is asked for. */
    Piece maskEnd(Span end) {
        Piece all = mask(List.of(end));
        return new Piece(all.ids(), new int[] {all.asked()[0]}, new int[] {all.targets()[0]});
    }

    /** The text of a unit. */
    public String gold(Span unit) {
        return tokenizer.decode(ids, first(unit), first(unit) + unit.length());
    }

    /**
     * Chooses the spans to mask: the given share of all, rounded, at least one, without regard to order of the rows.
     *
     * @return the chosen spans in the order of the text
     */
    public static List<Span> pick(List<Span> spans, double rate, long seed, String id) {
        int count = (int) Math.min(spans.size(), Math.max(1, Math.round(spans.size() * rate)));
        SplitMix64 random = SplitMix64.of(seed, id);
        List<Span> shuffled = new ArrayList<>(spans);
        for (int i = 0; i < count; i++) {
            Collections.swap(shuffled, i, i + random.nextInt(shuffled.size() - i));
        }
        List<Span> picked = shuffled.subList(0, count);
        picked.sort(Comparator.comparingInt(Span::start));
        return picked;
    }

    private int first(Span unit) {
        return tokenizer.prefixLength() + unit.start();
    }
}
