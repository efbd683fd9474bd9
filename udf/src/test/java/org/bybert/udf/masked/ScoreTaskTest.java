package org.bybert.udf.masked;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.batch.TextTask.Piece;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Span;
import org.bybert.udf.words.Unit;
import org.junit.jupiter.api.Test;

class ScoreTaskTest {

    private static final Segmenter CHARACTERS = Segmenter.of(Unit.CHAR, SegmenterReference.DEFAULT);
    private static final ByBert MODEL = Models.get(TestModel.reference()).encoder();
    private static final List<String> TEXTS = Arrays.asList(
            "日本の首都は東京である。", "海", " \u3000", null, "朝の市場は人でいっぱいだ。", "<mask>", "海", "雪がやんで、道が凍った。", "半分\uD83D", "a b");

    private static List<Answer<Double>> score(BatchOptions options, int[] batches) {
        TextEngine<String, Double> engine = new TextEngine<>(
                MODEL,
                new ScoreTask(MODEL, options, Unit.CHAR, CHARACTERS),
                options,
                () -> {},
                new TextEngine.Counters() {
                    @Override
                    public void addBatch(long tokens, long padding) {
                        batches[0]++;
                    }
                });
        List<Answer<Double>> answers = new ArrayList<>();
        engine.stream(TEXTS.iterator(), text -> text, text -> 1, (text, answer) -> answer)
                .forEachRemaining(answers::add);
        return answers;
    }

    @Test
    void rowsShareBatchesAndHaveTheBitsTheyHaveAlone() {
        int[] batches = {0};
        List<Answer<Double>> together = score(BatchOptions.DEFAULTS, batches);
        assertEquals(1, batches[0]);
        for (int budget : new int[] {1, 50, 1000, 1 << 20}) {
            assertEquals(together, score(BatchOptions.DEFAULTS.withBatchBytes(budget), new int[1]));
        }
        for (int i = 0; i < TEXTS.size(); i++) {
            TextEngine<String, Double> alone = new TextEngine<>(
                    MODEL, new ScoreTask(MODEL, BatchOptions.DEFAULTS, Unit.CHAR, CHARACTERS), BatchOptions.DEFAULTS);
            assertEquals(together.get(i), alone.answer(TEXTS.get(i)));
        }
        assertEquals("blank text: nothing but white space", together.get(2).error());
        assertEquals("null text", together.get(3).error());
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
                new TextEngine<>(MODEL, new ScoreTask(MODEL, options, Unit.CHAR, CHARACTERS), options)
                        .answer(text)
                        .value());
    }

    @Test
    void aLongTextIsCutOrRefused() {
        BatchOptions cut = BatchOptions.DEFAULTS.withLimit(7, LongText.TRUNCATE);
        Answer<Double> answer =
                new TextEngine<>(MODEL, new ScoreTask(MODEL, cut, Unit.CHAR, CHARACTERS), cut).answer("雪が降る");
        assertTrue(answer.truncated() && answer.bytes() == 12, answer.toString());
        assertEquals(
                new TextEngine<>(MODEL, new ScoreTask(MODEL, cut, Unit.CHAR, CHARACTERS), cut)
                        .answer("雪が")
                        .value(),
                answer.value());
        for (LongText longText : List.of(LongText.ERROR, LongText.SPLIT)) {
            BatchOptions refuse = BatchOptions.DEFAULTS.withLimit(7, longText);
            assertEquals(
                    "too long: 13 tokens, the limit is 8",
                    new TextEngine<>(MODEL, new ScoreTask(MODEL, refuse, Unit.CHAR, CHARACTERS), refuse)
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
