package org.bybert.encoder.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.LengthBy;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.text.MaskShorthand;
import org.bybert.encoder.text.MaskShorthand.Slot;

/**
 * A text with gaps of unknown length, filled with each length, or each combination of lengths of several. The best is the one
 * whose open gaps have the largest logarithm of their probability per character (or byte) together; the shortest one, where
 * several are equal. The candidates of one open gap are those of all its lengths, with the best lengths for the others.
 */
final class OpenGaps {

    /** Lengths that are tried: two gaps of unknown length. */
    static final int MOST = MaskShorthand.UNKNOWN * MaskShorthand.UNKNOWN;

    private final String text;
    private final List<Slot> slots;
    private final FillOptions options;
    /** For each combination of lengths, in their order. */
    private final List<FilledText> filled = new ArrayList<>();

    OpenGaps(String text, List<Slot> slots, FillOptions options) {
        this.text = text;
        this.slots = slots;
        this.options = options;
    }

    static boolean has(List<Slot> slots) {
        return slots.stream().anyMatch(Slot::open);
    }

    /** Number of combinations; too many are {@link Integer#MAX_VALUE} or more. */
    static long lengths(List<Slot> slots) {
        return slots.stream()
                .mapToLong(slot -> slot.most() - slot.least() + 1)
                .reduce(1, (a, b) -> a > Integer.MAX_VALUE ? a : a * b);
    }

    /** The text with each combination of lengths. */
    Stream<String> texts(MaskShorthand shorthand) {
        return IntStream.range(0, (int) lengths(slots)).mapToObj(i -> shorthand.fill(text, slots, lengths(i)));
    }

    private int[] lengths(int combination) {
        int[] lengths = new int[slots.size()];
        int rest = combination;
        for (int i = lengths.length - 1; i >= 0; i--) {
            int choices = slots.get(i).most() - slots.get(i).least() + 1;
            lengths[i] = slots.get(i).least() + rest % choices;
            rest /= choices;
        }
        return lengths;
    }

    /** @param next the text with the next combination of lengths */
    void add(FilledText next) {
        if (next.gaps().size() != slots.size()) {
            throw new TextProblem(
                    "mask length", "white space that belongs to masks joins a gap of unknown length with another");
        }
        filled.add(next);
    }

    /** Of the first candidates of the open gaps. */
    private double score(List<FilledGap> gaps) {
        double logProbability = 0;
        int units = 0;
        for (int i = 0; i < gaps.size(); i++) {
            if (slots.get(i).open()) {
                Candidate best = gaps.get(i).candidates().get(0);
                logProbability += best.logProbability();
                units += options.lengthBy() == LengthBy.BYTE
                        ? gaps.get(i).length()
                        : best.text().codePointCount(0, best.text().length());
            }
        }
        return logProbability / units;
    }

    FilledText best() {
        int best = 0;
        for (int i = 1; i < filled.size(); i++) {
            if (score(filled.get(i).gaps()) > score(filled.get(best).gaps())) {
                best = i;
            }
        }
        FilledText chosen = filled.get(best);
        List<FilledGap> gaps = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            FilledGap gap = chosen.gaps().get(i);
            gaps.add(slots.get(i).open() ? open(i, gap.start(), lengths(best)) : gap);
        }
        return new FilledText(chosen.text(), chosen.masks(), chosen.score(), gaps, null);
    }

    /** A candidate and what the text's open gaps score with it. */
    private record Ranked(Candidate candidate, int length, double score) {}

    private FilledGap open(int gap, int start, int[] lengths) {
        List<Ranked> all = new ArrayList<>();
        for (int i = 0; i < filled.size(); i++) {
            int[] others = lengths(i);
            others[gap] = lengths[gap];
            if (Arrays.equals(others, lengths)) {
                List<FilledGap> gaps = new ArrayList<>(filled.get(i).gaps());
                FilledGap own = gaps.get(gap);
                for (Candidate candidate : own.candidates()) {
                    gaps.set(gap, new FilledGap(own.start(), own.length(), List.of(candidate), own.margin()));
                    all.add(new Ranked(candidate, own.length(), score(gaps)));
                }
            }
        }
        all.sort(Comparator.comparingDouble(Ranked::score).reversed());
        double second = all.stream()
                .filter(ranked -> ranked.length() != lengths[gap])
                .mapToDouble(Ranked::score)
                .findFirst()
                .orElse(Double.NaN);
        return new FilledGap(
                start,
                lengths[gap],
                all.stream()
                        .limit(Math.max(1, options.topK()))
                        .map(Ranked::candidate)
                        .toList(),
                all.get(0).score() - second);
    }
}
