package org.bybert.udf.masked;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bybert.udf.SplitMix64;
import org.bybert.udf.words.Span;

/** Chooses the spans to mask: the given share of all, rounded, at least one, without regard to order of the rows. */
public final class MaskPicker {

    private MaskPicker() {
    }

    /** The chosen spans in the order of the text. */
    public static List<Span> pick(List<Span> spans, double rate, long seed, String id) {
        int count = (int) Math.min(spans.size(), Math.max(1, Math.round(spans.size() * rate)));
        SplitMix64 random = SplitMix64.of(seed, id);
        List<Span> shuffled = new ArrayList<>(spans);
        for (int i = 0; i < count; i++) {
            int j = i + random.nextInt(shuffled.size() - i);
            Span chosen = shuffled.set(j, shuffled.get(i));
            shuffled.set(i, chosen);
        }
        List<Span> picked = shuffled.subList(0, count);
        picked.sort(Comparator.comparingInt(Span::start));
        return picked;
    }
}
