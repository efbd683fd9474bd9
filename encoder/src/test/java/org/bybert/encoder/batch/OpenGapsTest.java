package org.bybert.encoder.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.FillOptions.LengthBy;
import org.bybert.encoder.Golden;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledGap;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.junit.jupiter.api.Test;

/** Gaps of unknown length, against texts with each length. */
class OpenGapsTest {

    private static final ByBert MODEL = ByBert.open(Golden.folder("utf8-bf16"));

    private static Answer<FilledText> answer(String text, FillOptions fill, BatchOptions options) {
        return new TextEngine<>(MODEL, new FillMaskTask(MODEL, options, fill), options).answer(text);
    }

    private static FilledText filled(String text, int topK) {
        int[] ids = MODEL.tokenizer().encode(text);
        return MODEL.withSession(session -> session.fillMask(List.of(ids), FillOptions.DEFAULTS.withTopK(topK))
                .get(0));
    }

    private static double perUnit(Candidate candidate, int bytes, LengthBy by) {
        String text = candidate.text();
        return candidate.logProbability() / (by == LengthBy.BYTE ? bytes : text.codePointCount(0, text.length()));
    }

    @Test
    void theBestLengthIsThatOfTheBestTextPerCharacterOrByte() {
        record Ranked(Candidate candidate, int length, double score) {}
        for (LengthBy by : LengthBy.values()) {
            for (String text : List.of("柿が<mask:?>なる。", "<mask>と<mask:2-9>")) {
                List<Ranked> all = new ArrayList<>();
                List<FilledText> lengths = new ArrayList<>();
                int gap = text.startsWith("<") ? 1 : 0;
                int least = gap == 0 ? 1 : 2;
                for (int n = least; n <= (gap == 0 ? 24 : 9); n++) {
                    FilledText one = filled(text.replaceAll("<mask:[^>]*>", "<mask>".repeat(n)), 4);
                    lengths.add(one);
                    int length = n;
                    one.gaps()
                            .get(gap)
                            .candidates()
                            .forEach(c -> all.add(new Ranked(c, length, perUnit(c, length, by))));
                }
                all.sort(Comparator.comparingDouble(Ranked::score).reversed());
                FilledText expected = lengths.get(all.get(0).length() - least);
                FilledText found = answer(text, new FillOptions(Decoding.VALID, 4, by, 1), BatchOptions.DEFAULTS)
                        .value();
                assertEquals(expected.text(), found.text());
                assertEquals(expected.score(), found.score());
                assertEquals(all.get(0).length(), found.gaps().get(gap).length());
                assertEquals(
                        all.stream().limit(4).map(Ranked::candidate).toList(),
                        found.gaps().get(gap).candidates());
                double second = all.stream()
                        .filter(r -> r.length() != all.get(0).length())
                        .findFirst()
                        .orElseThrow()
                        .score();
                assertEquals(all.get(0).score() - second, found.gaps().get(gap).margin());
                if (gap == 1) {
                    assertEquals(expected.gaps().get(0), found.gaps().get(0));
                }
                for (int batch : new int[] {1, 40, 100}) {
                    assertEquals(
                            found,
                            answer(
                                            text,
                                            new FillOptions(Decoding.VALID, 4, by, 1),
                                            BatchOptions.DEFAULTS.withBatchBytes(batch))
                                    .value());
                }
            }
        }
    }

    @Test
    void lengthsOfSeveralGapsAreTriedTogether() {
        String text = "柿<mask:1-3>が<mask:2-5>。";
        double best = Double.NEGATIVE_INFINITY;
        FilledText expected = null;
        for (int a = 1; a <= 3; a++) {
            for (int b = 2; b <= 5; b++) {
                FilledText one = filled("柿" + "<mask>".repeat(a) + "が" + "<mask>".repeat(b) + "。", 1);
                double sum = 0;
                int units = 0;
                for (FilledGap gap : one.gaps()) {
                    String found = gap.candidates().get(0).text();
                    sum += gap.candidates().get(0).logProbability();
                    units += found.codePointCount(0, found.length());
                }
                if (sum / units > best) {
                    best = sum / units;
                    expected = one;
                }
            }
        }
        FilledText found =
                answer(text, FillOptions.DEFAULTS, BatchOptions.DEFAULTS).value();
        assertEquals(expected.text(), found.text());
        for (int gap = 0; gap < 2; gap++) {
            assertEquals(
                    expected.gaps().get(gap).candidates(), found.gaps().get(gap).candidates());
            assertEquals(expected.gaps().get(gap).start(), found.gaps().get(gap).start());
            assertTrue(found.gaps().get(gap).margin() >= 0);
        }
    }

    @Test
    void whatCannotBeComparedIsRefused() {
        BatchOptions cut = BatchOptions.DEFAULTS.withLimit(20, LongText.TRUNCATE);
        for (List<String> refused : List.of(
                List.of("柿<mask:0>", "mask length: expected 1 to 9999, a range such as 3-12, or ?, found <mask:0>"),
                List.of("柿<mask:9-3>", "mask length: expected 1 to 9999, a range such as 3-12, or ?, found <mask:9-3>"),
                List.of("柿<mask:?><mask>", "mask length: expected text between masks"),
                List.of(
                        "柿<mask:?>と<mask:?>と<mask:1-2>",
                        "mask length: the gaps of unknown length have 1152 lengths together, at most 576"),
                List.of("柿<mask:?>", "too long: "))) {
            Answer<FilledText> answer = answer(refused.get(0), FillOptions.DEFAULTS, cut);
            assertTrue(answer.error().startsWith(refused.get(1)), answer.error());
        }
        String bytes = answer("柿<mask:?>", FillOptions.DEFAULTS.withDecoding(Decoding.BYTES), BatchOptions.DEFAULTS)
                .error();
        assertTrue(bytes.endsWith("expected decode valid, found bytes"), bytes);
        assertEquals(
                IntStream.rangeClosed(1, 24).sum() + 24 * (3 + MODEL.tokenizer().addedTokens()),
                answer("柿<mask:?>", FillOptions.DEFAULTS, BatchOptions.DEFAULTS).tokens());
    }
}
