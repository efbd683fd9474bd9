package org.bybert.encoder.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions.LengthBy;
import org.bybert.encoder.Golden;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.encoder.model.RaggedBatch;
import org.junit.jupiter.api.Test;

class ChooseTaskTest {

    private static final ByBert MODEL = ByBert.open(Golden.folder("utf8-bf16"));

    private static Answer<FilledText> answer(String text, List<String> targets, LengthBy by, BatchOptions options) {
        return new TextEngine<>(MODEL, new ChooseTask(MODEL, options, targets, by), options).answer(text);
    }

    private static double logProbability(String before, String target, String after) {
        int bytes = MODEL.tokenizer().encoding().byteLength(target);
        int[] gold = MODEL.tokenizer().encode(before + target + after);
        int[] ids = MODEL.tokenizer().encode(before + "<mask>".repeat(bytes) + after);
        int[] asked = IntStream.range(0, ids.length)
                .filter(i -> ids[i] == MODEL.tokenizer().maskId())
                .toArray();
        int[] tokens = Arrays.stream(asked).map(i -> gold[i]).toArray();
        return Arrays.stream(MODEL.newSession().logProbabilities(RaggedBatch.of(List.of(ids)), asked, tokens))
                .reduce(0, Double::sum);
    }

    @Test
    void targetsAreComparedPerCharacterOrByte() {
        List<String> targets = List.of("柿", "dog", "みかん", "𠮷", "隣の客");
        for (LengthBy by : LengthBy.values()) {
            List<Candidate> found = answer("八年<mask:3>。", targets, by, BatchOptions.DEFAULTS)
                    .value()
                    .gaps()
                    .get(0)
                    .candidates();
            assertEquals(5, found.size());
            double before = Double.POSITIVE_INFINITY;
            double sum = 0;
            for (Candidate candidate : found) {
                assertEquals(logProbability("八年", candidate.text(), "。"), candidate.logProbability());
                int characters =
                        candidate.text().codePointCount(0, candidate.text().length());
                double score = candidate.logProbability()
                        / (by == LengthBy.CHAR
                                ? characters
                                : MODEL.tokenizer().encoding().byteLength(candidate.text()));
                assertTrue(score <= before, found.toString());
                before = score;
                sum += candidate.probability();
            }
            assertEquals(1, sum, 1e-12);
            for (int batch : new int[] {1, 60}) {
                assertEquals(
                        found,
                        answer("八年<mask:?>。", targets, by, BatchOptions.DEFAULTS.withBatchBytes(batch))
                                .value()
                                .gaps()
                                .get(0)
                                .candidates());
            }
        }
    }

    @Test
    void sharesAmongTargetsOfOneLengthAreTheModels() {
        FilledText chosen = answer("八年<mask>。", List.of("柿", "犬", "客"), LengthBy.CHAR, BatchOptions.DEFAULTS)
                .value();
        List<Candidate> targets = chosen.gaps().get(0).candidates();
        double all =
                targets.stream().mapToDouble(t -> Math.exp(t.logProbability())).sum();
        for (Candidate target : targets) {
            assertEquals(Math.exp(target.logProbability()) / all, target.probability(), 1e-12);
        }
        assertEquals("八年" + targets.get(0).text() + "。", chosen.text());
        assertEquals(6, chosen.gaps().get(0).start());
        assertEquals(
                targets.get(0).logProbability() - targets.get(1).logProbability(),
                chosen.gaps().get(0).margin());
        FilledText one = answer("<mask>", List.of("柿"), LengthBy.CHAR, BatchOptions.DEFAULTS)
                .value();
        assertEquals(1, one.gaps().get(0).candidates().get(0).probability());
    }

    @Test
    void tenThousandTargetsAreAnswered() {
        List<String> targets = IntStream.range(0, 10_000).mapToObj(i -> "" + i).toList();
        List<Candidate> found = answer("<mask>年", targets, LengthBy.BYTE, BatchOptions.DEFAULTS)
                .value()
                .gaps()
                .get(0)
                .candidates();
        assertEquals(10_000, found.stream().map(Candidate::text).distinct().count());
    }

    @Test
    void whatCannotBeChosenFromIsRefused() {
        for (List<String> wrong : List.of(
                List.of("柿", ""),
                List.of("柿", "a<s>"),
                List.of("柿", "<mask>"),
                List.of("柿", "柿"),
                List.of("柿", "\uD800"))) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> ChooseTask.check(MODEL.tokenizer(), wrong))
                    .getMessage();
            assertTrue(message.startsWith("targets: expected texts, found at place 2 "), message);
        }
        assertThrows(IllegalArgumentException.class, () -> ChooseTask.check(MODEL.tokenizer(), List.of()));
        BatchOptions cut = BatchOptions.DEFAULTS.withLimit(12, LongText.TRUNCATE);
        List<String> targets = List.of("柿", "みかん");
        assertTrue(answer("柿<mask>柿", targets, LengthBy.CHAR, cut).error().startsWith("too long: "));
        assertEquals(
                "several gaps: expected one gap for the targets, <mask>, found 2",
                answer("<mask>柿<mask>", targets, LengthBy.CHAR, cut).error());
        assertTrue(answer("<mask:0>", targets, LengthBy.CHAR, cut).error().startsWith("mask length: "));
        assertEquals("null text", answer(null, targets, LengthBy.CHAR, cut).error());
    }
}
