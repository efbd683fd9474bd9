package org.bybert.udf.masked;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextTask.Piece;
import org.bybert.encoder.kernel.ScalarKernels;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.Workspace;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Span;
import org.bybert.udf.words.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScoreTaskTest {

    private static final Segmenter CHARACTERS = Segmenter.of(Unit.CHAR, SegmenterReference.DEFAULT);
    private static final ByBert MODEL = Models.get(TestModel.reference()).encoder();
    private static final Path GOLDEN_FOLDER = TestModel.folder()
            .toAbsolutePath()
            .getParent()
            .resolveSibling("encoder/src/test/resources/golden/utf8-bf16");
    private static final ByBert GOLDEN = ByBert.open(GOLDEN_FOLDER);
    private static final List<String> TEXTS = Arrays.asList(
            "日本の首都は東京である。", "海", " \u3000", null, "朝の市場は人でいっぱいだ。", "<mask>", "海", "雪がやんで、道が凍った。", "半分\uD83D", "a b");

    private static List<Answer<TextScore>> score(ScoreMethod method, BatchOptions options, int[] batches) {
        TextEngine<String, TextScore> engine = new TextEngine<>(
                MODEL,
                new ScoreTask(MODEL, options, method, Unit.CHAR, CHARACTERS),
                options,
                () -> {},
                new TextEngine.Counters() {
                    @Override
                    public void addBatch(long tokens, long padding) {
                        batches[0]++;
                    }
                });
        List<Answer<TextScore>> answers = new ArrayList<>();
        engine.stream(TEXTS.iterator(), text -> text, text -> 1, (text, answer) -> answer)
                .forEachRemaining(answers::add);
        return answers;
    }

    @Test
    void rowsShareBatchesAndHaveTheBitsTheyHaveAlone() {
        for (ScoreMethod method : List.of(ScoreMethod.WORD, ScoreMethod.WORD_L2R)) {
            int[] batches = {0};
            List<Answer<TextScore>> together = score(method, BatchOptions.DEFAULTS.withBatchBytes(1 << 20), batches);
            assertEquals(1, batches[0]);
            for (int budget : new int[] {1, 50, 1000}) {
                assertEquals(together, score(method, BatchOptions.DEFAULTS.withBatchBytes(budget), new int[1]));
            }
            for (int i = 0; i < TEXTS.size(); i++) {
                TextEngine<String, TextScore> alone = new TextEngine<>(
                        MODEL,
                        new ScoreTask(MODEL, BatchOptions.DEFAULTS, method, Unit.CHAR, CHARACTERS),
                        BatchOptions.DEFAULTS);
                assertEquals(together.get(i), alone.answer(TEXTS.get(i)));
            }
            assertEquals("blank text: nothing but white space", together.get(2).error());
            assertEquals("null text", together.get(3).error());
        }
    }

    @Test
    void theScoreIsTheMeanOverTheBytesOfCopiesInWhichOneWordIsMasked() {
        String text = "雪がやんだ。";
        int[] gold = MODEL.tokenizer().encodePlain(text);
        int first = MODEL.tokenizer().prefixLength();
        double sum = 0;
        for (int at = first; at < first + 18; at += 3) {
            int[] copy = gold.clone();
            Arrays.fill(copy, at, at + 3, MODEL.tokenizer().maskId());
            int[] positions = {at, at + 1, at + 2};
            int[] tokens = Arrays.copyOfRange(gold, at, at + 3);
            for (double log : MODEL.newSession().logProbabilities(RaggedBatch.of(List.of(copy)), positions, tokens)) {
                sum += log;
            }
        }
        BatchOptions options = BatchOptions.DEFAULTS;
        assertEquals(
                sum / 18,
                new TextEngine<>(MODEL, new ScoreTask(MODEL, options, ScoreMethod.WORD, Unit.CHAR, CHARACTERS), options)
                        .answer(text)
                        .value()
                        .mean());
    }

    /** Against logits of scalar kernels, a row at a time, on ids that are written out here. */
    @ParameterizedTest
    @EnumSource(ScoreMethod.class)
    void eachMethodMasksWhatItSays(ScoreMethod method) {
        String text = "雪が a\tふった。";
        int[][] words = {{0, 3}, {3, 6}, {7, 8}, {9, 18}, {18, 21}};
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] gold =
                IntStream.range(0, utf8.length).map(i -> (utf8[i] & 0xff) + 6).toArray();
        double expected = 0;
        for (int[] word : words) {
            for (int at = word[0]; at < word[1]; at++) {
                int[] copy = gold.clone();
                int from = method == ScoreMethod.WORD ? word[0] : at;
                Arrays.fill(copy, from, method == ScoreMethod.BYTE ? at + 1 : word[1], 5);
                expected += logProbability(copy, at, gold[at]);
            }
        }
        Segmenter cut = all -> Stream.of("雪", "が", " ", "a", "\t", "ふった", "。")
                .map(word -> new Segmenter.Word(word, null))
                .toList();
        BatchOptions options = BatchOptions.DEFAULTS;
        ScoreTask task = new ScoreTask(GOLDEN, options, method, null, cut);
        Answer<TextScore> answer = new TextEngine<>(GOLDEN, task, options).answer(text);
        assertEquals(expected, answer.value().logProbability(), 1e-3);
        assertEquals(19, answer.value().bytes());
        assertEquals(7, answer.value().characters());
        assertEquals((method == ScoreMethod.WORD ? 5 : 19) * gold.length, answer.tokens());
        assertEquals(
                Math.exp(-expected / 7),
                answer.value().perplexity(),
                1e-3 * answer.value().perplexity());
    }

    private static double logProbability(int[] ids, int at, int token) {
        Transformer transformer =
                ModelFolder.read(GOLDEN_FOLDER, Map.of(), null).load(new ScalarKernels());
        Workspace work = transformer.newWorkspace();
        transformer.run(RaggedBatch.of(List.of(ids)), null, work);
        float[] logits = new float[transformer.config().vocabSize()];
        transformer.logits(work, new int[] {at}, 0, 1, logits);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        return logits[token] - Math.log(sum);
    }

    @Test
    void aMethodRefusesUnitsThatItHasNoUseFor() {
        assertEquals(
                List.of(Unit.WORD, Unit.WORD, Unit.BYTE),
                Arrays.stream(ScoreMethod.values())
                        .map(method -> method.unit(null))
                        .toList());
        assertThrows(IllegalArgumentException.class, () -> ScoreMethod.BYTE.unit(Unit.CHAR));
        assertThrows(IllegalArgumentException.class, () -> ScoreMethod.WORD_L2R.unit(Unit.BYTE));
    }

    @Test
    void aLongTextIsCutOrRefused() {
        BatchOptions cut = BatchOptions.DEFAULTS.withLimit(7, LongText.TRUNCATE);
        Answer<TextScore> answer = new TextEngine<>(
                        MODEL, new ScoreTask(MODEL, cut, ScoreMethod.WORD, Unit.CHAR, CHARACTERS), cut)
                .answer("雪が降る");
        assertTrue(answer.truncated() && answer.bytes() == 12, answer.toString());
        assertEquals(
                new TextEngine<>(MODEL, new ScoreTask(MODEL, cut, ScoreMethod.WORD, Unit.CHAR, CHARACTERS), cut)
                        .answer("雪が")
                        .value(),
                answer.value());
        for (LongText longText : List.of(LongText.ERROR, LongText.SPLIT)) {
            BatchOptions refuse = BatchOptions.DEFAULTS.withLimit(7, longText);
            assertEquals(
                    "too long: 13 tokens, the limit is 8",
                    new TextEngine<>(
                                    MODEL,
                                    new ScoreTask(MODEL, refuse, ScoreMethod.WORD, Unit.CHAR, CHARACTERS),
                                    refuse)
                            .answer("雪が降る")
                            .error());
        }
    }

    @Test
    void aPieceHasTheMasksOfItsUnits() {
        String text = "雪a";
        MaskableText words = MaskableText.of(text, CHARACTERS.segment(text), Unit.CHAR, MODEL.tokenizer());
        int first = MODEL.tokenizer().prefixLength();
        assertEquals(List.of(new Span(0, 3), new Span(3, 4)), words.units());
        Piece piece = words.mask(words.units().subList(1, 2));
        assertArrayEquals(new int[] {first + 3}, piece.asked());
        assertArrayEquals(new int[] {MODEL.tokenizer().encodePlain("a")[first]}, piece.targets());
        assertEquals("雪<mask>", MODEL.tokenizer().decode(piece.ids()));
        assertEquals("a", words.gold(words.units().get(1)));
    }
}
