package org.bybert.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.Session.Guess;
import org.bybert.encoder.Session.Guess.GuessedCharacter;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.text.ByteTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskPredictTest {

    private static final ByBert MODEL = ByBert.open(Golden.folder("utf8-bf16"));

    private static ByBert model(String encoding) {
        return ByBert.open(
                Golden.folder("utf8-bf16"), Map.of("byte_encoding", encoding), Preset.NONE, KernelChoice.kernels());
    }

    private static FillOptions passes(int passes) {
        return FillOptions.DEFAULTS.withPasses(passes);
    }

    private static long masks(ByteTokenizer tokenizer, int[] ids) {
        return Arrays.stream(ids).filter(id -> id == tokenizer.maskId()).count();
    }

    /** Texts with masks anywhere, in the middle of characters too, and bytes that are no text beside them. */
    private static List<int[]> rows(ByteTokenizer tokenizer, SplittableRandom random, int count) {
        List<int[]> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] row = tokenizer.encode("柿が赤くabなると𠮷野家が青くなる。");
            double rate = random.nextDouble();
            for (int at = 1; at < row.length - 1; at++) {
                if (random.nextDouble() < rate) {
                    row[at] = tokenizer.maskId();
                } else if (i % 4 == 3 && random.nextInt(8) == 0) {
                    row[at] = tokenizer.idOf(random.nextInt(256));
                }
            }
            rows.add(row);
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"utf-8", "mixed-radix", "bit-prefix"})
    void theSurestCharactersStandAfterEachPassAndTheRestIsLookedAtAgain(String encoding) {
        ByBert model = model(encoding);
        ByteTokenizer tokenizer = model.tokenizer();
        SplittableRandom random = new SplittableRandom(15);
        Session session = model.newSession();
        int several = 0;
        int broken = 0;
        for (int[] row : rows(tokenizer, random, 120)) {
            int most = 2 + random.nextInt(12);
            FillOptions options = passes(most);
            int[] given = row.clone();
            MaskPredict predict = new MaskPredict(tokenizer, row, options);
            FilledText once = session.fillMask(List.of(row)).get(0);
            double logProbability = 0;
            int standing = 0;
            while (predict.filled() == null) {
                int[] before = predict.ids();
                Guess guess = session.guess(List.of(before), options).get(0);
                predict.add(guess);
                if (once.problem() != null) {
                    assertEquals(once, predict.filled());
                    break;
                }
                if (guess.filled().problem() != null) {
                    assertTrue(predict.passes() > 1);
                    broken++;
                    logProbability = Double.NaN;
                    break;
                }
                int[] after = predict.ids();
                List<Double> left = new ArrayList<>();
                double surest = Double.POSITIVE_INFINITY;
                int written = 0;
                for (GuessedCharacter c : guess.characters()) {
                    int[] part = Arrays.copyOfRange(after, c.start(), c.start() + c.length());
                    if (masks(tokenizer, part) == 0) {
                        written++;
                        surest = Math.min(surest, c.logProbability());
                        assertArrayEquals(Arrays.copyOfRange(guess.ids(), c.start(), c.start() + c.length()), part);
                    } else {
                        left.add(c.logProbability());
                        assertArrayEquals(Arrays.copyOfRange(before, c.start(), c.start() + c.length()), part);
                    }
                }
                for (double other : left) {
                    assertTrue(other <= surest, other + " is left, " + surest + " stands");
                }
                standing += written;
                assertTrue(written >= 1 || masks(tokenizer, row) == 0);
                int all = standing + left.size();
                assertTrue(standing * most >= all * predict.passes(), standing + " of " + all);
                assertTrue(written == 1 || (standing - 1) * most < all * predict.passes(), standing + " of " + all);
                int[] asked = IntStream.range(0, before.length)
                        .filter(i -> before[i] != after[i])
                        .toArray();
                int[] tokens = Arrays.stream(asked).map(i -> after[i]).toArray();
                logProbability += Arrays.stream(
                                session.logProbabilities(RaggedBatch.of(List.of(before)), asked, tokens))
                        .sum();
            }
            assertArrayEquals(given, row);
            FilledText filled = predict.filled();
            assertEquals(once.problem() == null, filled.problem() == null);
            assertEquals(filled, session.fillMask(List.of(row), options).get(0));
            if (filled.problem() != null) {
                continue;
            }
            assertTrue(predict.passes() <= most);
            several += predict.passes() > 1 ? 1 : 0;
            assertEquals(0, masks(tokenizer, predict.ids()));
            assertEquals(tokenizer.decode(predict.ids()), filled.text());
            assertEquals(once.masks(), filled.masks());
            assertEquals(once.masks() == 0, Double.isNaN(filled.score()));
            if (once.masks() > 0 && !Double.isNaN(logProbability)) {
                assertEquals(Math.exp(logProbability / once.masks()), filled.score(), 1e-9);
            }
        }
        assertTrue(broken < 10, broken + " rows that a later pass cannot fill");
        assertTrue(several > 60, several + " rows in several passes");
    }

    @Test
    void aPassThatIsTheLastOneAnswersAsOnePassDoes() {
        Session session = MODEL.newSession();
        for (String text : List.of("柿", "八年<mask>。", "八年<mask><mask><mask>。")) {
            List<int[]> row = List.of(MODEL.tokenizer().encode(text));
            for (int topK = 0; topK < 2; topK++) {
                FillOptions once = FillOptions.DEFAULTS.withTopK(topK);
                Guess guess = session.guess(row, once.withPasses(9)).get(0);
                if (guess.characters().size() < 2) {
                    assertEquals(session.fillMask(row, once), session.fillMask(row, once.withPasses(9)));
                }
                assertEquals(
                        session.fillMask(row, once),
                        List.of(session.guess(row, once).get(0).filled()));
            }
        }
        assertTrue(session.fillMask(List.of(), passes(3)).isEmpty());
    }

    @Test
    void aGapHasTheTextThatWasWrittenAndItsProbability() {
        Session session = MODEL.newSession();
        List<int[]> row = List.of(MODEL.tokenizer().encode("柿" + "<mask>".repeat(7) + "が" + "<mask>".repeat(6) + "。"));
        FilledText filled =
                session.fillMask(row, passes(Integer.MAX_VALUE).withTopK(1)).get(0);
        assertEquals(2, filled.gaps().size());
        String text = "柿";
        double sum = 0;
        for (FilledGap gap : filled.gaps()) {
            assertEquals(1, gap.candidates().size());
            text += gap.candidates().get(0).text() + (gap.start() == 3 ? "が" : "。");
            sum += gap.candidates().get(0).logProbability();
        }
        assertEquals(text, filled.text());
        assertEquals(Math.exp(sum / 13), filled.score(), 1e-12);
        assertTrue(session.fillMask(row, passes(4)).get(0).gaps().isEmpty());
    }

    @Test
    void equallySureCharactersAreWrittenFromTheFirstOn() {
        ByteTokenizer tokenizer = MODEL.tokenizer();
        int[] row = tokenizer.encode("<mask><mask><mask>");
        int first = tokenizer.prefixLength();
        int[] ids = row.clone();
        List<GuessedCharacter> characters = new ArrayList<>();
        for (int i = first; i < first + 3; i++) {
            ids[i] = tokenizer.idOf('a' + i - first);
            characters.add(new GuessedCharacter(i, 1, -0.5));
        }
        MaskPredict predict = new MaskPredict(tokenizer, row, passes(3));
        Guess guess = new Guess(new FilledText("abc", 3, 0.6), ids, null, List.of(), characters);
        predict.add(guess);
        assertNull(predict.filled());
        assertEquals("a<mask><mask>", tokenizer.decode(predict.ids()));
        predict.add(new Guess(guess.filled(), ids, null, List.of(), characters.subList(1, 3)));
        assertEquals("ab<mask>", tokenizer.decode(predict.ids()));
        predict.add(new Guess(guess.filled(), ids, null, List.of(), characters.subList(2, 3)));
        assertEquals("abc", predict.filled().text());
        assertEquals(Math.exp(-0.5), predict.filled().score(), 1e-12);
    }

    @Test
    void whatHasNoMeaningWithSeveralPassesIsRefused() {
        for (int wrong : new int[] {0, -1, Integer.MIN_VALUE}) {
            String message = assertThrows(IllegalArgumentException.class, () -> passes(wrong))
                    .getMessage();
            assertEquals("passes: expected 1 or more, found " + wrong, message);
        }
        String many = assertThrows(
                        IllegalArgumentException.class, () -> passes(2).withTopK(2))
                .getMessage();
        assertTrue(many.endsWith("expected decode valid and top k of at most 1, found top k 2"), many);
        String bytes = assertThrows(
                        IllegalArgumentException.class, () -> passes(2).withDecoding(Decoding.BYTES))
                .getMessage();
        assertTrue(bytes.endsWith("found decode bytes"), bytes);
        assertFalse(passes(1).deciding().containsKey("passes"));
        assertEquals("2", passes(2).deciding().get("passes"));
    }
}
