package org.bybert.udf.mecab;

import java.util.Arrays;

/**
 * The search for the cheapest way through a text: a node for each word that may stand at a place, its cost, and the node
 * before it on the cheapest way there (Viterbi). Of ways that cost the same the one is taken that MeCab takes, which visits
 * the words that end at a place from the one that was found last. Confined to one thread.
 *
 * <p>Nodes that no way goes through any more are thrown out as the search moves on, so that memory follows the number of
 * words in the result.
 */
final class Lattice {

    private static final int NONE = -1;
    /** A run of one kind is an unknown word if it has at most this many characters after the first. */
    private static final int LONGEST_GROUP = 24;

    private static final int FEW = 1 << 15;
    private static final int MANY = 1 << 17;

    private final MecabDictionary dictionary;

    private int nodes;
    private int collectAt;
    /** Of each node: what the way to it costs, the node before, its ends in the text, its right context id. */
    private long[] cost = new long[FEW];

    private int[] before = new int[FEW];
    private int[] start = new int[FEW];
    private int[] end = new int[FEW];
    private char[] right = new char[FEW];
    /** The node that was found before it and ends where it ends. */
    private int[] next = new int[FEW];
    /** By the end modulo the length: the node that was found last. */
    private int[] last = new int[256];

    /** Words that may stand at the place the search is at, in the order of their discovery. */
    private int words;

    private long[] entry = new long[64];
    private int[] entryEnd = new int[64];

    /** The nodes that end at the place the search is at, from the one found last, without those that are never best. */
    private int lefts;

    private int[] left = new int[64];
    private long[] leftCost = new long[64];
    private int[] leftId = new int[64];
    /** Counts places; above an index in the two tables that follow, it tells whether the index is of this place. */
    private int visit;
    /** By right context id: index of the cheapest node that ends here. */
    private final long[] cheapest;
    /** By left context id: index of the node that it is best to come from. */
    private final long[] best;

    Lattice(MecabDictionary dictionary) {
        this.dictionary = dictionary;
        cheapest = new long[dictionary.columns];
        best = new long[dictionary.rows];
    }

    /** Whether it is worth keeping. */
    boolean isSmall() {
        return cost.length <= MANY && last.length <= MANY;
    }

    /** See {@link MecabDictionary#words}. */
    MecabDictionary.Words words(String text) {
        nodes = 0;
        collectAt = FEW;
        Arrays.fill(last, NONE);
        add(0, 0, NONE, 0, 0, 0);
        int sentenceEnd = 0;
        for (int at = 0; at < text.length(); at++) {
            if (last[at & last.length - 1] == NONE) {
                continue;
            }
            if (nodes > collectAt) {
                collect(at);
            }
            gather(at);
            int from = find(text, at);
            if (words == 0) {
                // Nothing but white space follows.
                sentenceEnd = left[bestLeft(0)];
            }
            for (int i = words - 1; i >= 0; i--) {
                long word = entry[i];
                int way = bestLeft(Lexicon.left(word));
                long price = leftCost[way] + matrix(Lexicon.left(word), leftId[way]) + Lexicon.cost(word);
                add(price, Lexicon.right(word), left[way], from, entryEnd[i], at);
            }
        }
        if (last[text.length() & last.length - 1] != NONE) {
            gather(text.length());
            sentenceEnd = left[bestLeft(0)];
        }
        return result(sentenceEnd);
    }

    private MecabDictionary.Words result(int sentenceEnd) {
        int count = 0;
        for (int node = sentenceEnd; node > 0; node = before[node]) {
            count++;
        }
        int[] places = new int[2 * count];
        char[] contexts = new char[count];
        for (int node = sentenceEnd; node > 0; node = before[node]) {
            count--;
            places[2 * count] = start[node];
            places[2 * count + 1] = end[node];
            contexts[count] = right[node];
        }
        return new MecabDictionary.Words(places, contexts);
    }

    private int matrix(int leftContext, int rightContext) {
        return dictionary.matrix.get(leftContext * dictionary.columns + rightContext);
    }

    /** Takes the nodes that end at a place out of their list. */
    private void gather(int at) {
        newVisit();
        lefts = 0;
        int dropped = 0;
        int slot = at & last.length - 1;
        for (int node = last[slot]; node != NONE; node = next[node]) {
            long seen = cheapest[right[node]];
            if (seen >>> Integer.SIZE == visit) {
                int other = (int) seen;
                if (leftCost[other] <= cost[node]) {
                    continue;
                }
                left[other] = NONE;
                dropped++;
            }
            if (lefts == left.length) {
                left = Arrays.copyOf(left, 2 * lefts);
                leftCost = Arrays.copyOf(leftCost, 2 * lefts);
                leftId = Arrays.copyOf(leftId, 2 * lefts);
            }
            cheapest[right[node]] = (long) visit << Integer.SIZE | lefts;
            left[lefts] = node;
            leftCost[lefts] = cost[node];
            leftId[lefts] = right[node];
            lefts++;
        }
        if (dropped > 0) {
            int kept = 0;
            for (int i = 0; i < lefts; i++) {
                if (left[i] != NONE) {
                    left[kept] = left[i];
                    leftCost[kept] = leftCost[i];
                    leftId[kept++] = leftId[i];
                }
            }
            lefts = kept;
        }
        last[slot] = NONE;
    }

    private void newVisit() {
        if (++visit == Integer.MAX_VALUE) {
            Arrays.fill(cheapest, 0);
            Arrays.fill(best, 0);
            visit = 1;
        }
    }

    /** The first of the cheapest ways to a word of this left context id. */
    private int bestLeft(int leftContext) {
        long known = best[leftContext];
        if (known >>> Integer.SIZE == visit) {
            return (int) known;
        }
        int found = 0;
        long lowest = Long.MAX_VALUE;
        int row = leftContext * dictionary.columns;
        for (int i = 0; i < lefts; i++) {
            long price = leftCost[i] + dictionary.matrix.get(row + leftId[i]);
            if (price < lowest) {
                lowest = price;
                found = i;
            }
        }
        best[leftContext] = (long) visit << Integer.SIZE | found;
        return found;
    }

    /**
     * Finds the words that may stand at a place, or after the white space there.
     *
     * @return where they start
     */
    private int find(String text, int at) {
        CharTypes characters = dictionary.characters;
        words = 0;
        int from = skip(text, at, characters.of(' '), Integer.MAX_VALUE);
        if (from == text.length()) {
            return from;
        }
        findKnown(text, from);
        int first = text.codePointAt(from);
        int info = characters.of(first);
        if (words > 0 && !CharTypes.competes(info)) {
            return from;
        }
        int second = from + Character.charCount(first);
        int group = NONE;
        if (CharTypes.groups(info)) {
            // Where a longer run ends decides nothing.
            group = skip(text, second, info, LONGEST_GROUP + 1);
            if (text.codePointCount(second, group) <= LONGEST_GROUP) {
                addUnknown(info, group);
            }
        }
        int to = second;
        for (int i = 1; i <= CharTypes.length(info) && to != group; i++) {
            addUnknown(info, to);
            if (to == text.length() || !CharTypes.alike(info, characters.of(text.codePointAt(to)))) {
                break;
            }
            to += Character.charCount(text.codePointAt(to));
        }
        if (words == 0) {
            addUnknown(info, to);
        }
        return from;
    }

    /** Index after characters each of which shares a category with the one before it. */
    private int skip(String text, int from, int info, int limit) {
        int at = from;
        int before = info;
        for (int i = 0; i < limit && at < text.length(); i++) {
            int character = text.codePointAt(at);
            int here = dictionary.characters.of(character);
            if (!CharTypes.alike(before, here)) {
                break;
            }
            before = here;
            at += Character.charCount(character);
        }
        return at;
    }

    private void findKnown(String text, int from) {
        Lexicon system = dictionary.system;
        int character = text.codePointAt(from);
        int to = from + Character.charCount(character);
        int state = character < dictionary.first.length
                ? dictionary.first[character]
                : system.stepOver(system.root(), character);
        while (state >= 0) {
            int entries = system.entries(state);
            if (entries >= 0) {
                for (int i = 0; i < Lexicon.count(entries); i++) {
                    addWord(system.entry(Lexicon.first(entries) + i), to);
                }
            }
            if (to == text.length()) {
                return;
            }
            character = text.codePointAt(to);
            state = system.stepOver(state, character);
            to += Character.charCount(character);
        }
    }

    private void addUnknown(int info, int to) {
        for (long word : dictionary.unknown[CharTypes.category(info)]) {
            addWord(word, to);
        }
    }

    private void addWord(long word, int to) {
        if (words == entry.length) {
            entry = Arrays.copyOf(entry, 2 * words);
            entryEnd = Arrays.copyOf(entryEnd, 2 * words);
        }
        entry[words] = word;
        entryEnd[words++] = to;
    }

    private void add(long price, int rightContext, int previous, int from, int to, int at) {
        if (nodes == cost.length) {
            cost = Arrays.copyOf(cost, 2 * nodes);
            before = Arrays.copyOf(before, 2 * nodes);
            start = Arrays.copyOf(start, 2 * nodes);
            end = Arrays.copyOf(end, 2 * nodes);
            right = Arrays.copyOf(right, 2 * nodes);
            next = Arrays.copyOf(next, 2 * nodes);
        }
        if (to - at >= last.length) {
            widen(to, at);
        }
        cost[nodes] = price;
        right[nodes] = (char) rightContext;
        before[nodes] = previous;
        start[nodes] = from;
        end[nodes] = to;
        int slot = to & last.length - 1;
        next[nodes] = last[slot];
        last[slot] = nodes++;
    }

    /** Makes room for a word that ends farther away than any before it. */
    private void widen(int to, int at) {
        int[] narrow = last;
        last = new int[Integer.highestOneBit(to - at) << 1];
        Arrays.fill(last, NONE);
        for (int i = 0; i < narrow.length; i++) {
            last[at + i & last.length - 1] = narrow[at + i & narrow.length - 1];
        }
    }

    /** Throws out the nodes that end before a place and that no way there goes through. */
    private void collect(int at) {
        int[] moved = new int[nodes];
        for (int node = nodes - 1; node > 0; node--) {
            if (end[node] >= at || moved[node] != 0) {
                moved[node] = 1;
                moved[before[node]] = 1;
            }
        }
        moved[0] = 1;
        int kept = 0;
        for (int node = 0; node < nodes; node++) {
            if (moved[node] != 0) {
                cost[kept] = cost[node];
                right[kept] = right[node];
                start[kept] = start[node];
                end[kept] = end[node];
                before[kept] = before[node] == NONE ? NONE : moved[before[node]];
                next[kept] = next[node] == NONE ? NONE : moved[next[node]];
                moved[node] = kept++;
            }
        }
        for (int i = 0; i < last.length; i++) {
            last[i] = last[i] == NONE ? NONE : moved[last[i]];
        }
        nodes = kept;
        collectAt = 2 * kept + FEW;
    }
}
