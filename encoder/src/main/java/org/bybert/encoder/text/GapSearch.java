package org.bybert.encoder.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bybert.encoder.text.TextAutomaton.Edge;

/**
 * The best ways to fill gaps with valid text. Given the text, the bytes of one forward pass are independent, so that
 * this is an exact search (Viterbi, and its k best) over the {@link TextAutomaton} of the encoding. For one thread.
 */
public final class GapSearch {

    /** Fillings at most that {@link #best} finds. */
    public static final int MOST = 100;

    /** Byte values. */
    public static final int BYTES = 256;

    private static final int BYTE_BITS = 8;
    private static final int RANK_BITS = 7;

    /**
     * A run of masks.
     *
     * @param start     place of the first mask in its row
     * @param length    up to the last mask; bytes in the middle of a character that masks surround belong to it
     * @param firstMask index of the first mask among all
     * @param masks     their number
     */
    public record Gap(int start, int length, int firstMask, int masks) {

        int end() {
            return start + length;
        }
    }

    /**
     * What is in the place of a gap, with the bytes beside it that are part of a character of it.
     *
     * @param start place in the row
     * @param ids   of the bytes
     * @param score sum over the masks of the byte's logit less the largest logit: 0 where every byte is the most
     *              probable token, else below
     */
    public record Filling(int start, int[] ids, double score) {}

    /**
     * A character of a filling of which bytes were masked.
     *
     * @param start     place in the row
     * @param length    number of its bytes
     * @param firstMask index of its first mask among all
     * @param masks     their number
     * @param score     as that of the filling
     */
    public record FilledCharacter(int start, int length, int firstMask, int masks, double score) {}

    private final ByteTokenizer tokenizer;
    private final TextAutomaton automaton;
    private final int mask;
    private final int[] ids;
    private final int firstMask;
    private final float[] logits;
    private final float[] largest;

    /**
     * @param ids       of one row
     * @param firstMask index of its first mask among all
     * @param logits    {@value #BYTES} for each mask
     * @param largest   logit of the whole vocabulary, for each mask
     */
    public GapSearch(ByteTokenizer tokenizer, int[] ids, int firstMask, float[] logits, float[] largest) {
        this.tokenizer = tokenizer;
        this.automaton = tokenizer.encoding().automaton();
        this.mask = tokenizer.maskId();
        this.ids = ids;
        this.firstMask = firstMask;
        this.logits = logits;
        this.largest = largest;
    }

    /** The gaps of the row. */
    public List<Gap> gaps() {
        List<Gap> gaps = new ArrayList<>();
        int next = firstMask;
        for (int at = 0; at < ids.length; at++) {
            if (ids[at] != mask) {
                continue;
            }
            int end = endOfMasks(at);
            int masks = end - at;
            for (int rest = endOfBytes(end);
                    rest > end && rest < ids.length && ids[rest] == mask && !startsCharacter(end);
                    rest = endOfBytes(end)) {
                end = endOfMasks(rest);
                masks += end - rest;
            }
            gaps.add(new Gap(at, end - at, next, masks));
            next += masks;
            at = end - 1;
        }
        return gaps;
    }

    private int endOfMasks(int at) {
        while (at < ids.length && ids[at] == mask) {
            at++;
        }
        return at;
    }

    private int endOfBytes(int at) {
        while (at < ids.length && tokenizer.isByte(ids[at])) {
            at++;
        }
        return at;
    }

    /** Whether what stands there is no byte, or the beginning of a character that a text may have or a mask completes. */
    private boolean startsCharacter(int at) {
        int end = Math.min(endOfBytes(at), at + ByteEncoding.LONGEST);
        if (end == at) {
            return true;
        }
        byte[] bytes = new byte[end - at];
        int state = TextAutomaton.BETWEEN;
        for (int i = 0; i < bytes.length; i++) {
            int b = tokenizer.byteOf(ids[at + i]);
            bytes[i] = (byte) b;
            state = state == TextAutomaton.DEAD ? state : automaton.next(state, b);
        }
        if (state != TextAutomaton.DEAD && end < ids.length && ids[end] == mask) {
            return true;
        }
        ByteEncoding encoding = tokenizer.encoding();
        int c = encoding.decode(bytes, 0, bytes.length).codePointAt(0);
        int code = encoding.code(c);
        int length = encoding.byteLength(c);
        for (int i = 0; i < length; i++, code >>>= 8) {
            if (i >= bytes.length || (code & 0xff) != (bytes[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    /** Where the unfinished character begins that the bytes before a place leave. */
    private int startOfUnfinished(int end) {
        for (int from = Math.max(0, end - ByteEncoding.LONGEST + 1); from < end; from++) {
            int state = TextAutomaton.BETWEEN;
            int at = from;
            for (; at < end && tokenizer.isByte(ids[at]); at++) {
                state = automaton.next(state, tokenizer.byteOf(ids[at]));
                if (state <= TextAutomaton.BETWEEN) {
                    break;
                }
            }
            if (at == end) {
                return from;
            }
        }
        return end;
    }

    /**
     * The most probable fillings, best first; of those that are equally probable the first in the order of their bytes.
     *
     * @param most how many at most, up to {@value #MOST}
     * @return empty where no valid text fits, else less than {@code most} only where there are no more
     */
    public List<Filling> best(Gap gap, int most) {
        int from = startOfUnfinished(gap.start);
        // Bytes after the gap are the rest of its last character only where they can be nothing else.
        for (int to = gap.end(); to <= endOfRest(gap); to++) {
            List<Filling> found = startsCharacter(to) ? search(from, to, gap.firstMask, most) : List.of();
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    /** The characters of a filling of a gap, in their order. */
    public List<FilledCharacter> characters(Gap gap, Filling filling) {
        List<FilledCharacter> characters = new ArrayList<>();
        int state = TextAutomaton.BETWEEN;
        int first = 0;
        int next = gap.firstMask;
        int masks = 0;
        double score = 0;
        for (int i = 0; i < filling.ids.length; i++) {
            int b = tokenizer.byteOf(filling.ids[i]);
            if (ids[filling.start + i] == mask) {
                score += logits[BYTES * (next + masks) + b] - (double) largest[next + masks];
                masks++;
            }
            state = automaton.next(state, b);
            if (state == TextAutomaton.BETWEEN) {
                if (masks > 0) {
                    characters.add(new FilledCharacter(filling.start + first, i + 1 - first, next, masks, score));
                }
                first = i + 1;
                next += masks;
                masks = 0;
                score = 0;
            }
        }
        return characters;
    }

    /** Behind the bytes after a gap that may be the rest of its last character. */
    private int endOfRest(Gap gap) {
        return Math.min(endOfBytes(gap.end()), gap.end() + ByteEncoding.LONGEST - 1);
    }

    /** Why {@link #best} finds nothing. */
    public String problem(Gap gap) {
        return "no text fits: token " + gap.start + ": " + gap.masks + " masks between the bytes "
                + beside(startOfUnfinished(gap.start), gap.start) + " and " + beside(gap.end(), endOfRest(gap))
                + " complete no characters of " + tokenizer.encoding().name();
    }

    private String beside(int from, int to) {
        byte[] bytes = new byte[to - from];
        for (int i = from; i < to; i++) {
            bytes[i - from] = (byte) tokenizer.byteOf(ids[i]);
        }
        return bytes.length == 0
                ? "(none)"
                : HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes);
    }

    private List<Filling> search(int from, int to, int nextMask, int most) {
        Layer layer = Layer.first(automaton.states());
        BestBytes bytes = new BestBytes(automaton, most);
        for (int at = from; at < to; at++) {
            if (ids[at] == mask) {
                bytes.choose(logits, BYTES * nextMask, largest[nextMask]);
                nextMask++;
            } else {
                bytes.fix(tokenizer.byteOf(ids[at]));
            }
            layer = layer.next(automaton.edges, bytes, most);
        }
        List<Filling> found = new ArrayList<>();
        for (int rank = 0; rank < layer.sizes[TextAutomaton.BETWEEN]; rank++) {
            int[] filled = new int[to - from];
            Layer step = layer;
            int path = TextAutomaton.BETWEEN << RANK_BITS | rank;
            for (int i = filled.length - 1; i >= 0; i--) {
                int last = step.last(path);
                filled[i] = tokenizer.idOf(last & BYTES - 1);
                path = last >>> BYTE_BITS;
                step = step.before;
            }
            found.add(new Filling(from, filled, layer.scores[TextAutomaton.BETWEEN][rank]));
        }
        return found;
    }

    /** The most probable bytes at one place, of each set of bytes that leads from one state to another. */
    private static final class BestBytes {

        private final List<int[]> sets;
        /** Of each set, best first. */
        private final int[][] bytes;

        private final double[][] scores;
        private final int[] sizes;

        BestBytes(TextAutomaton automaton, int most) {
            this.sets = automaton.sets;
            this.bytes = new int[sets.size()][];
            this.scores = new double[sets.size()][];
            this.sizes = new int[sets.size()];
            for (int set = 0; set < sizes.length; set++) {
                int size = Math.min(most, sets.get(set).length);
                bytes[set] = new int[size];
                scores[set] = new double[size];
            }
        }

        void choose(float[] logits, int at, double largest) {
            for (int set = 0; set < sizes.length; set++) {
                sizes[set] = 0;
                for (int b : sets.get(set)) {
                    insert(set, b, logits[at + b] - largest);
                }
            }
        }

        void fix(int b) {
            for (int set = 0; set < sizes.length; set++) {
                sizes[set] = 0;
                if (Arrays.binarySearch(sets.get(set), b) >= 0) {
                    insert(set, b, 0);
                }
            }
        }

        private void insert(int set, int b, double score) {
            double[] best = scores[set];
            int at = sizes[set];
            if (at == best.length && !(score > best[at - 1])) {
                return;
            }
            sizes[set] = Math.min(at + 1, best.length);
            for (at = sizes[set] - 1; at > 0 && score > best[at - 1]; at--) {
                best[at] = best[at - 1];
                bytes[set][at] = bytes[set][at - 1];
            }
            best[at] = score;
            bytes[set][at] = b;
        }
    }

    /**
     * The best paths over the bytes so far into each state, best first; of those of one score the first in the order of
     * their bytes.
     *
     * @param lasts the last byte of each path, and above it the path before
     */
    private record Layer(Layer before, double[][] scores, int[][] lasts, int[] sizes) {

        static Layer first(int states) {
            Layer layer = new Layer(null, new double[states][1], new int[states][1], new int[states]);
            layer.sizes[TextAutomaton.BETWEEN] = 1;
            return layer;
        }

        int last(int path) {
            return lasts[path >>> RANK_BITS][path & (1 << RANK_BITS) - 1];
        }

        Layer next(List<Edge> edges, BestBytes bytes, int most) {
            Layer next = new Layer(this, new double[sizes.length][], new int[sizes.length][], new int[sizes.length]);
            for (Edge edge : edges) {
                for (int rank = 0; rank < sizes[edge.from()]; rank++) {
                    int path = edge.from() << RANK_BITS | rank;
                    int taken = 0;
                    while (taken < bytes.sizes[edge.bytes()]
                            && next.insert(
                                    edge.to(),
                                    scores[edge.from()][rank] + bytes.scores[edge.bytes()][taken],
                                    path << BYTE_BITS | bytes.bytes[edge.bytes()][taken],
                                    most)) {
                        taken++;
                    }
                    if (taken == 0) {
                        break;
                    }
                }
            }
            return next;
        }

        /** Whether the path is one of the best so far; those that are left to try on its edge are behind it. */
        private boolean insert(int state, double score, int last, int most) {
            int at = sizes[state];
            if (at == most && !precedes(score, last, state, at - 1)) {
                return false;
            }
            if (at == 0 && scores[state] == null) {
                scores[state] = new double[most];
                lasts[state] = new int[most];
            }
            sizes[state] = Math.min(at + 1, most);
            for (at = sizes[state] - 1; at > 0 && precedes(score, last, state, at - 1); at--) {
                scores[state][at] = scores[state][at - 1];
                lasts[state][at] = lasts[state][at - 1];
            }
            scores[state][at] = score;
            lasts[state][at] = last;
            return true;
        }

        private boolean precedes(double score, int last, int state, int rank) {
            double other = scores[state][rank];
            return score > other || score == other && compareBytes(last, lasts[state][rank]) < 0;
        }

        /** From the last byte to the first that differs. */
        private int compareBytes(int last, int other) {
            int order = 0;
            for (Layer layer = before; ; layer = layer.before) {
                int difference = (last & BYTES - 1) - (other & BYTES - 1);
                order = difference == 0 ? order : difference;
                if (last >>> BYTE_BITS == other >>> BYTE_BITS) {
                    return order;
                }
                last = layer.last(last >>> BYTE_BITS);
                other = layer.last(other >>> BYTE_BITS);
            }
        }
    }
}
