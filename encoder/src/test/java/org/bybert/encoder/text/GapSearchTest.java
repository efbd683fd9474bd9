package org.bybert.encoder.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bybert.encoder.Golden;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.text.GapSearch.Filling;
import org.bybert.encoder.text.GapSearch.Gap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GapSearchTest {

    private static final int MASK = 5;

    private static ByteTokenizer tokenizer(String encoding) {
        return ByteTokenizer.read(
                ByteTokenizer.settings(Golden.folder("utf8-bf16"), Map.of("byte_encoding", encoding), Preset.NONE),
                288);
    }

    /** Ids of bytes; -1 is a mask. */
    private static int[] row(int... bytes) {
        return Arrays.stream(bytes).map(b -> b < 0 ? MASK : 6 + b).toArray();
    }

    private static int[] masks(int count) {
        int[] row = new int[count];
        Arrays.fill(row, MASK);
        return row;
    }

    private static float[] largest(float[] logits) {
        float[] largest = new float[logits.length / 256];
        for (int i = 0; i < largest.length; i++) {
            for (int b = 0; b < 256; b++) {
                largest[i] = Math.max(largest[i], logits[256 * i + b]);
            }
        }
        return largest;
    }

    private static List<Filling> best(ByteTokenizer tokenizer, int[] row, float[] logits, int most) {
        GapSearch search = new GapSearch(tokenizer, row, 0, logits, largest(logits));
        List<Gap> gaps = search.gaps();
        assertEquals(1, gaps.size());
        return search.best(gaps.get(0), most);
    }

    private static boolean isWritten(String text) {
        return text.codePoints().allMatch(TextAutomaton::isWritten);
    }

    /** Whether bytes are text, by the encoding itself. */
    private static boolean isText(ByteEncoding encoding, byte[] bytes) {
        return isWritten(encoding.decode(bytes, 0, bytes.length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-8", "mixed-radix", "bit-prefix"})
    void theAutomatonTakesTheBytesOfTextAndNothingElse(String name) {
        ByteEncoding encoding = ByteEncoding.named(name, "test");
        TextAutomaton automaton = encoding.automaton();
        assertTrue(automaton.states() < 40, automaton.states() + " states");
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            int state = TextAutomaton.BETWEEN;
            int code = encoding.code(c);
            for (int rest = encoding.byteLength(c); rest > 0 && state >= 0; rest--, code >>>= 8) {
                state = automaton.next(state, code & 0xff);
            }
            boolean isOwn = ByteEncoding.scalar(c) == c;
            assertEquals(
                    isOwn && TextAutomaton.isWritten(c), state == TextAutomaton.BETWEEN, "U+" + Integer.toHexString(c));
        }
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 300_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(5)];
            int state = TextAutomaton.BETWEEN;
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = (byte) random.nextInt(at == 0 ? 0 : 0x60, 256);
                state = state < 0 ? state : automaton.next(state, bytes[at] & 0xff);
            }
            assertEquals(isText(encoding, bytes), state == TextAutomaton.BETWEEN, () -> Arrays.toString(bytes));
        }
    }

    @Test
    void charactersThatNobodyWritesAreLeftOut() {
        for (String text : List.of(
                "\t", "\n", "\r", " ", "~", "\u00A0", "あ", "漢", "ｱ", "𠮷", "👨", "\uDB40\uDD00", "\u200D", "\uFEFF")) {
            assertTrue(isWritten(text), text);
        }
        for (int c : new int[] {
            0, 1, 0x1b, 0x7f, 0x85, 0xD800, 0xDFFF, 0xE000, 0xFDD0, 0xFFFD, 0xFFFE, 0xFFFF, 0x1FFFF, 0x40000, 0xF0000,
            0x10FFFD
        }) {
            assertFalse(TextAutomaton.isWritten(c), Integer.toHexString(c));
        }
    }

    /** Every filling over a small vocabulary, in order; some bytes are equally probable. */
    @ParameterizedTest
    @ValueSource(strings = {"utf-8", "mixed-radix", "bit-prefix"})
    void candidatesAreThoseOfBruteForce(String name) {
        ByteTokenizer tokenizer = tokenizer(name);
        Random random = new Random(11);
        int longest = 0;
        for (int attempt = 0; attempt < 120; attempt++) {
            BitSet vocabulary = new BitSet();
            for (String text : List.of("東京", "aé", "😀")) {
                Arrays.stream(tokenizer.encode(text)).limit(7).forEach(id -> vocabulary.set(id - 6));
            }
            while (vocabulary.cardinality() > 7) {
                vocabulary.clear(vocabulary.nextSetBit(random.nextInt(256)) & 0xff);
            }
            int length = 1 + random.nextInt(5);
            float[] logits = new float[256 * length];
            Arrays.fill(logits, Float.NEGATIVE_INFINITY);
            for (int i = 0; i < length; i++) {
                for (int b = vocabulary.nextSetBit(0); b >= 0; b = vocabulary.nextSetBit(b + 1)) {
                    logits[256 * i + b] = attempt % 2 == 0 ? random.nextInt(3) : 4 * random.nextFloat();
                }
            }
            List<Filling> expected = bruteForce(tokenizer, vocabulary, length, logits, largest(logits));
            for (int most : new int[] {1, 3, 10, 100}) {
                List<Filling> found = best(tokenizer, masks(length), logits, most).stream()
                        .filter(filling -> filling.score() > Double.NEGATIVE_INFINITY)
                        .toList();
                longest = Math.max(longest, found.size());
                assertEquals(strings(expected.subList(0, Math.min(most, expected.size()))), strings(found));
            }
        }
        assertTrue(longest > 50, longest + " candidates at most");
    }

    private static List<Filling> bruteForce(
            ByteTokenizer tokenizer, BitSet vocabulary, int length, float[] logits, float[] largest) {
        int[] values = vocabulary.stream().toArray();
        List<Filling> all = new ArrayList<>();
        for (int number = 0; number < Math.pow(values.length, length); number++) {
            byte[] bytes = new byte[length];
            double score = 0;
            int rest = number;
            for (int i = length - 1; i >= 0; i--, rest /= values.length) {
                bytes[i] = (byte) values[rest % values.length];
            }
            for (int i = 0; i < length; i++) {
                score += logits[256 * i + (bytes[i] & 0xff)] - (double) largest[i];
            }
            if (isText(tokenizer.encoding(), bytes)) {
                all.add(new Filling(
                        0,
                        IntStream.range(0, length)
                                .map(i -> 6 + (bytes[i] & 0xff))
                                .toArray(),
                        score));
            }
        }
        all.sort(Comparator.comparingDouble(Filling::score).reversed().thenComparing(Filling::ids, Arrays::compare));
        return all;
    }

    private static List<String> strings(List<Filling> fillings) {
        return fillings.stream()
                .map(filling -> Arrays.toString(filling.ids()) + filling.score())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-8", "mixed-radix", "bit-prefix"})
    void noAnswerOverAMillionRandomLogitsIsInvalid(String name) {
        ByteTokenizer tokenizer = tokenizer(name);
        SplittableRandom random = new SplittableRandom(5);
        float[] pool = new float[1 << 16];
        for (int i = 0; i < pool.length; i++) {
            pool[i] = (float) random.nextDouble(-9, 9);
        }
        for (int done = 0, length; done < 1_000_000 / 3; done += length) {
            length = 1 + random.nextInt(24);
            int from = random.nextInt(pool.length - 256 * length);
            float[] logits = Arrays.copyOfRange(pool, from, from + 256 * length);
            String text = tokenizer.decode(
                    best(tokenizer, masks(length), logits, 1).get(0).ids());
            assertTrue(isWritten(text), text);
        }
    }

    @Test
    void theBestBytesStayWhereTheyAreText() {
        for (String name : ByteEncoding.names()) {
            ByteTokenizer tokenizer = tokenizer(name);
            int[] expected = tokenizer.encode("東a京\n𠮷é");
            float[] logits = new float[256 * expected.length];
            for (int i = 0; i < expected.length; i++) {
                logits[256 * i + expected[i] - 6] = 1e-20f;
            }
            Filling found = best(tokenizer, masks(expected.length), logits, 2).get(0);
            assertArrayEquals(expected, found.ids());
            assertEquals(0, found.score());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-8", "mixed-radix", "bit-prefix"})
    void aGapWithinACharacterCompletesIt(String name) {
        ByteTokenizer tokenizer = tokenizer(name);
        SplittableRandom random = new SplittableRandom(3);
        for (int attempt = 0; attempt < 1_000; attempt++) {
            String text = "東" + List.of("京", "é", "𠮷", "z").get(attempt % 4) + "。";
            int[] row = tokenizer.encode(text);
            int from = random.nextInt(row.length);
            int to = from + 1 + random.nextInt(row.length - from);
            Arrays.fill(row, from, to, MASK);
            if (attempt % 3 == 0) {
                row[random.nextInt(row.length)] = MASK;
            }
            int count = (int) Arrays.stream(row).filter(id -> id == MASK).count();
            float[] logits = new float[256 * count];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) random.nextDouble();
            }
            GapSearch search = new GapSearch(tokenizer, row, 0, logits, largest(logits));
            int[] filled = row.clone();
            for (Gap gap : search.gaps()) {
                Filling best = search.best(gap, 1).get(0);
                System.arraycopy(best.ids(), 0, filled, best.start(), best.ids().length);
            }
            for (int i = 0; i < row.length; i++) {
                assertTrue(row[i] == MASK ? filled[i] != MASK : filled[i] == row[i], text);
            }
            // A character's last byte that is left over is a character by itself in the other encodings.
            String answer = tokenizer.decode(filled);
            assertTrue(name.equals("utf-8") ? isWritten(answer) : !answer.contains("\uFFFD"), answer);
        }
    }

    @Test
    void whatIsLeftAndRightOfAGapDecidesWhatFits() {
        ByteTokenizer utf8 = tokenizer("utf-8");
        float[] one = new float[256];
        Arrays.fill(one, -1);
        one['a'] = 5;
        one[0xB1] = 1;
        // Three ways to lack one byte of 東, E6 9D B1.
        assertEquals(
                "東", utf8.decode(best(utf8, row(0xE6, 0x9D, -1), one, 1).get(0).ids()));
        one[0x9D] = 2;
        assertEquals(
                "東", utf8.decode(best(utf8, row(0xE6, -1, 0xB1), one, 1).get(0).ids()));
        one[0xE6] = 6;
        assertEquals(
                "東", utf8.decode(best(utf8, row(-1, 0x9D, 0xB1), one, 1).get(0).ids()));
        // Whole characters beside a gap are not its own, whatever they are.
        for (int[] beside :
                new int[][] {row('x', -1, 0), row(0, -1, 'x'), row(0xEF, 0xBF, 0xBD, -1, 0xEF, 0xBF, 0xBD)}) {
            assertArrayEquals(row('a'), best(utf8, beside, one, 1).get(0).ids());
        }
        // A byte in the middle of a character joins two gaps.
        assertEquals(
                1, new GapSearch(utf8, row(-1, 0x9D, -1), 0, null, null).gaps().size());
        assertEquals(
                2, new GapSearch(utf8, row(-1, 'x', -1), 0, null, null).gaps().size());
        // What is before a gap and is no text, is left as it is.
        assertArrayEquals(row('a'), best(utf8, row(0xB1, -1), one, 1).get(0).ids());
        for (int[] impossible : new int[][] {row(0xE6, -1, 'x'), row(0xE6, -1), row(-1, 0xB1, 0xB1, 0xB1, 0xB1)}) {
            assertEquals(List.of(), best(utf8, impossible, one, 9));
        }
        GapSearch search = new GapSearch(utf8, row('x', 0xE6, -1, 'y'), 0, one, largest(one));
        assertEquals(
                "no text fits: token 2: 1 masks between the bytes E6 and 79 complete no characters of utf-8",
                search.problem(search.gaps().get(0)));
        // The last byte of one encoding's characters may be a character too.
        ByteTokenizer radix = tokenizer("mixed-radix");
        int[] bytes = radix.encode("東");
        int last = bytes[2];
        bytes[1] = MASK;
        float[] flat = new float[256];
        int[] filled = best(radix, bytes, flat, 1).get(0).ids();
        assertEquals(3, filled.length);
        assertEquals(last, filled[2]);
    }

    @Test
    void thereAreNoMoreCandidatesThanTextsThatFit() {
        ByteTokenizer utf8 = tokenizer("utf-8");
        List<Filling> all = best(utf8, masks(1), new float[256], 100);
        assertEquals(98, all.size());
        assertEquals("\t", utf8.decode(all.get(0).ids()));
        assertEquals("~", utf8.decode(all.get(97).ids()));
        assertEquals(64, best(utf8, row(0xE6, 0x9D, -1), new float[256], 100).size());
    }

    /** Everything is equally probable, so that all is decided by the order of the bytes. */
    @Test
    void manyMasksAreFilledInMoments() {
        ByteTokenizer utf8 = tokenizer("utf-8");
        List<Filling> found = best(utf8, masks(3_000), new float[256 * 3_000], 10);
        assertEquals("\t".repeat(3_000), utf8.decode(found.get(0).ids()));
        assertEquals("\t".repeat(2_999) + "\n", utf8.decode(found.get(1).ids()));
    }
}
