package org.bybert.encoder.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions.LengthBy;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.text.ByteEncoding;
import org.bybert.encoder.text.ByteTokenizer;
import org.bybert.encoder.text.MaskShorthand.Slot;

/**
 * The one gap of a text filled with each of some targets, at the target's own length, one forward pass each. They are ranked
 * by the logarithm of their probability per character (or byte). Their shares are
 * <pre>
 *   p_i = exp(m s_i) / Σ_j exp(m s_j)
 * </pre>
 * where s is this score and m the mean number of characters (bytes) of the targets: among targets of one length that is the
 * probability under the model, given that it is one of them.
 *
 * @param reader of texts that are not cut
 */
public record ChooseTask(ByteTokenizer tokenizer, TextReader reader, List<String> targets, LengthBy lengthBy)
        implements TextTask<String, Double, FilledText> {

    /** @throws IllegalArgumentException as {@link #check} */
    public ChooseTask {
        check(tokenizer, targets);
    }

    /** @throws IllegalArgumentException as {@link #check} */
    public ChooseTask(ByBert model, BatchOptions options, List<String> targets, LengthBy lengthBy) {
        this(model.tokenizer(), new TextReader(model, uncut(options)), targets, lengthBy);
    }

    private static BatchOptions uncut(BatchOptions options) {
        return options.withLimit(options.maxBytes(), LongText.ERROR);
    }

    /** @throws IllegalArgumentException where there is no target, or one is empty, twice there, or has a special token */
    public static void check(ByteTokenizer tokenizer, List<String> targets) {
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("targets: expected at least one text, found none");
        }
        Set<String> known = new HashSet<>();
        for (int i = 0; i < targets.size(); i++) {
            String target = targets.get(i);
            String problem = target == null || target.isEmpty()
                    ? "an empty one"
                    : ByteEncoding.firstUnpaired(target) >= 0
                            ? "an unpaired surrogate in it"
                            : !Arrays.equals(tokenizer.encode(target), tokenizer.encodePlain(target))
                                    ? "a special token in it, " + target
                                    : known.add(target) ? null : target + " a second time";
            if (problem != null) {
                throw new IllegalArgumentException(
                        "targets: expected texts, found at place " + (i + 1) + " " + problem);
            }
        }
    }

    @Override
    public ReadText read(String text) {
        if (text == null) {
            return reader.readMasks(text);
        }
        List<Slot> slots;
        try {
            slots = tokenizer.shorthand().slots(text);
        } catch (IllegalArgumentException e) {
            return reader.readMasks(text).refuse("mask length", e.getMessage());
        }
        if (slots.size() != 1) {
            return reader.readMasks(text)
                    .refuse(
                            slots.isEmpty() ? "no mask" : "several gaps",
                            "expected one gap for the targets, " + tokenizer.maskText() + ", found "
                                    + (slots.isEmpty() ? "none" : slots.size()));
        }
        int longest = targets.stream()
                .mapToInt(tokenizer.encoding()::byteLength)
                .max()
                .orElseThrow();
        return reader.readMasks(tokenizer.shorthand().fill(text, slots, new int[] {longest}));
    }

    @Override
    public Pieces<Double, FilledText> pieces(String text, ReadText read) {
        List<Slot> slots = tokenizer.shorthand().slots(text);
        List<Double> logProbabilities = new ArrayList<>();
        return new Pieces<>(
                targets.stream().map(target -> piece(text, slots, target)).iterator(),
                (piece, logProbability) -> logProbabilities.add(logProbability),
                () -> choose(text, slots.get(0), logProbabilities));
    }

    private Piece piece(String text, List<Slot> slots, String target) {
        int bytes = tokenizer.encoding().byteLength(target);
        int[] ids = tokenizer.encode(tokenizer.shorthand().fill(text, slots, new int[] {bytes}));
        int[] asked = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == tokenizer.maskId())
                .toArray();
        int[] plain = tokenizer.encodePlain(target);
        return new Piece(
                ids,
                asked,
                IntStream.range(0, bytes)
                        .map(i -> plain[tokenizer.prefixLength() + i])
                        .toArray());
    }

    @Override
    public List<Double> run(Session session, List<Piece> pieces) {
        return sums(session, pieces);
    }

    private static List<Double> sums(Session session, List<Piece> pieces) {
        double[] all = session.logProbabilities(Piece.batch(pieces), Piece.asked(pieces), Piece.targets(pieces));
        return Piece.slices(pieces, (from, to) -> {
            double sum = 0;
            for (int i = from; i < to; i++) {
                sum += all[i];
            }
            return sum;
        });
    }

    private int units(String target) {
        return lengthBy == LengthBy.BYTE
                ? tokenizer.encoding().byteLength(target)
                : target.codePointCount(0, target.length());
    }

    private FilledText choose(String text, Slot slot, List<Double> logProbabilities) {
        double[] scores = IntStream.range(0, targets.size())
                .mapToDouble(i -> logProbabilities.get(i) / units(targets.get(i)))
                .toArray();
        List<Integer> order = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> scores[i]).reversed())
                .toList();
        int best = order.get(0);
        double mean = targets.stream().mapToInt(this::units).average().orElseThrow();
        double sum = 0;
        for (int i : order) {
            sum += StrictMath.exp(mean * (scores[i] - scores[best]));
        }
        if (!Double.isFinite(sum) || !Double.isFinite(scores[best])) {
            throw TextProblem.scoresNotFinite();
        }
        List<Candidate> candidates = new ArrayList<>();
        for (int i : order) {
            double share = StrictMath.exp(mean * (scores[i] - scores[best])) / sum;
            candidates.add(new Candidate(targets.get(i), logProbabilities.get(i), share));
        }
        int bytes = tokenizer.encoding().byteLength(targets.get(best));
        FilledGap gap = new FilledGap(
                tokenizer.tokens(text.substring(0, slot.start())) - tokenizer.addedTokens(),
                bytes,
                candidates,
                order.size() == 1 ? Double.NaN : scores[best] - scores[order.get(1)]);
        return new FilledText(
                text.substring(0, slot.start()) + targets.get(best) + text.substring(slot.end()),
                bytes,
                StrictMath.exp(logProbabilities.get(best) / bytes),
                List.of(gap),
                null);
    }

    /**
     * A text and what may stand in its gap.
     *
     * @param targets null is refused, as are those that {@link #check} refuses
     */
    public record Choice(String text, List<String> targets) {}

    /** Texts of which each brings its own targets. */
    public record OfEach(ByteTokenizer tokenizer, TextReader reader, LengthBy lengthBy)
            implements TextTask<Choice, Double, FilledText> {

        public OfEach(ByBert model, BatchOptions options, LengthBy lengthBy) {
            this(model.tokenizer(), new TextReader(model, uncut(options)), lengthBy);
        }

        private ChooseTask task(Choice choice) {
            return new ChooseTask(tokenizer, reader, choice.targets, lengthBy);
        }

        @Override
        public ReadText read(Choice choice) {
            if (choice.text == null) {
                return reader.readMasks(null);
            }
            if (choice.targets == null) {
                return reader.readMasks(choice.text).refuse("targets", "expected texts, found null");
            }
            try {
                return task(choice).read(choice.text);
            } catch (IllegalArgumentException e) {
                return reader.readMasks(choice.text)
                        .refuse("targets", e.getMessage().replaceFirst("^targets: ", ""));
            }
        }

        @Override
        public Pieces<Double, FilledText> pieces(Choice choice, ReadText read) {
            return task(choice).pieces(choice.text, read);
        }

        @Override
        public List<Double> run(Session session, List<Piece> pieces) {
            return sums(session, pieces);
        }
    }
}
