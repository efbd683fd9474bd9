package org.bybert.encoder.text;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which bytes are text, as the smallest deterministic automaton over the bytes of an encoding. It is made from the
 * characters, so that overlong forms, surrogates and what lies beyond U+10FFFF have no way through it.
 *
 * <p>The characters are those of XML 1.0 (tab, line feed and carriage return are the only controls) without those that
 * nobody writes: DEL and U+0080 to U+009F, private use, noncharacters, U+FFFD, which stands for what is no text, and
 * planes without characters (4 to 13). The rule knows ranges alone, as versions of the JDK know different versions of
 * Unicode.
 */
final class TextAutomaton {

    /** The state before the first character and after each. */
    static final int BETWEEN = 0;

    static final int DEAD = -1;

    /** Some bytes that lead from one state to another; {@code bytes} is an index of {@link #sets}. */
    record Edge(int from, int to, int bytes) {}

    final List<Edge> edges = new ArrayList<>();
    /** Each in ascending order, none twice. */
    final List<int[]> sets = new ArrayList<>();

    private final List<int[]> next = new ArrayList<>();

    TextAutomaton(ByteEncoding encoding) {
        List<int[]> nodes = trie(encoding);
        Map<IntBuffer, Integer> known = new HashMap<>();
        int[] states = new int[nodes.size()];
        next.add(nodes.get(0));
        // A node comes after its parent.
        for (int node = nodes.size() - 1; node >= 0; node--) {
            int[] to = nodes.get(node);
            for (int b = 0; b < to.length; b++) {
                to[b] = to[b] > 0 ? states[to[b]] : to[b];
            }
            if (node > 0) {
                states[node] = known.computeIfAbsent(IntBuffer.wrap(to), state -> {
                    next.add(to);
                    return next.size() - 1;
                });
            }
        }
        Map<IntBuffer, Integer> setsByBytes = new HashMap<>();
        for (int from = 0; from < next.size(); from++) {
            Map<Integer, List<Integer>> bytes = new TreeMap<>();
            for (int b = 0; b < 256; b++) {
                if (next(from, b) != DEAD) {
                    bytes.computeIfAbsent(next(from, b), to -> new ArrayList<>())
                            .add(b);
                }
            }
            for (var edge : bytes.entrySet()) {
                int[] set = edge.getValue().stream().mapToInt(b -> b).toArray();
                int index = setsByBytes.computeIfAbsent(IntBuffer.wrap(set), b -> {
                    sets.add(set);
                    return sets.size() - 1;
                });
                edges.add(new Edge(from, edge.getKey(), index));
            }
        }
    }

    /** Nodes of the first bytes of characters; a character's last byte leads to {@link #BETWEEN}, the first node. */
    private static List<int[]> trie(ByteEncoding encoding) {
        List<int[]> nodes = new ArrayList<>();
        nodes.add(dead());
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (!isWritten(c)) {
                continue;
            }
            int[] node = nodes.get(0);
            int code = encoding.code(c);
            for (int rest = encoding.byteLength(c) - 1; rest > 0; rest--, code >>>= 8) {
                int b = code & 0xff;
                if (node[b] == DEAD) {
                    node[b] = nodes.size();
                    nodes.add(dead());
                }
                node = nodes.get(node[b]);
            }
            node[code & 0xff] = BETWEEN;
        }
        return nodes;
    }

    private static int[] dead() {
        int[] node = new int[256];
        Arrays.fill(node, DEAD);
        return node;
    }

    static boolean isWritten(int c) {
        int plane = c >>> 16;
        boolean isControl = c < ' ' && c != '\t' && c != '\n' && c != '\r' || c >= 0x7F && c < 0xA0;
        boolean isSurrogateOrPrivate = c >= 0xD800 && c < 0xF900;
        boolean isNoncharacter = (c & 0xFFFE) == 0xFFFE || c >= 0xFDD0 && c <= 0xFDEF;
        return (plane < 4 || plane == 14)
                && !isControl
                && !isSurrogateOrPrivate
                && !isNoncharacter
                && c != ByteEncoding.REPLACEMENT;
    }

    int states() {
        return next.size();
    }

    /** The state after one more byte, or {@link #DEAD}. */
    int next(int state, int b) {
        return next.get(state)[b];
    }
}
