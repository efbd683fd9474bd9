package org.bybert.udf.masked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericRowWithSchema;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.jdk.javaapi.CollectionConverters;

class ScoreMaskedWordsTest {

    private static final MaskedWordSettings SETTINGS =
            new MaskedWordSettings(0.15, 42, Unit.WORD, SegmenterReference.DEFAULT, MaskedWordSettings.ALL, 32768, 1);

    private static List<Row> score(MaskedWordSettings settings, List<Example> examples) {
        List<Row> rows = new ArrayList<>();
        ByBert model = Models.get(TestModel.reference()).encoder();
        MaskedWordTask.score(
                        examples.stream().map(ScoreMaskedWordsTest::row).iterator(),
                        settings,
                        new TextEngine<>(model, new MaskedWordTask(model.tokenizer(), settings), BatchOptions.DEFAULTS))
                .forEachRemaining(rows::add);
        return rows;
    }

    private static Row row(Example example) {
        return new GenericRowWithSchema(
                new Object[] {
                    example.set(),
                    example.id(),
                    example.text(),
                    example.words() == null
                            ? null
                            : CollectionConverters.asScala(example.words()).toSeq(),
                    example.bringsWords(),
                    example.problem()
                },
                Example.SCHEMA);
    }

    private static Example text(String id, String text) {
        return new Example("set", id, text, null, false, null);
    }

    private static String error(MaskedWordSettings settings, Example example) {
        Row row = score(settings, List.of(example)).get(0);
        assertEquals(MaskedWordTask.FAILED, row.getString(2));
        return row.getString(7);
    }

    @Test
    void aScoredRowSaysWhatWasMaskedAndPredicted() {
        Row row = score(SETTINGS, List.of(text("a", "駅前の本屋で地図を買った。"))).get(0);
        assertEquals(MaskedWordTask.SCORED, row.getString(2));
        assertEquals(39, row.getInt(3));
        assertNull(row.get(7));
        Row[] spans = (Row[]) row.get(6);
        byte[] bytes = "駅前の本屋で地図を買った。".getBytes(StandardCharsets.UTF_8);
        assertEquals(Math.max(1, Math.round(row.getInt(4) * 0.15)), spans.length);
        int masked = 0;
        for (Row span : spans) {
            int start = span.getInt(0);
            int length = span.getInt(1) - start;
            masked += length;
            assertEquals(new String(bytes, start, length, StandardCharsets.UTF_8), span.getString(2));
            assertEquals(span.getString(2).equals(span.getString(3)), span.getBoolean(4));
            assertEquals(span.getInt(5) == length, span.getBoolean(4));
            assertTrue(span.getDouble(6) > 0 && span.getDouble(6) <= 1);
        }
        assertEquals(
                masked,
                (row.getString(5).length()
                                - row.getString(5).replace("<mask>", "").length())
                        / 6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void orderAndNeighboursChangeNothing(int passes) {
        MaskedWordSettings settings = new MaskedWordSettings(
                0.15, 42, Unit.WORD, SegmenterReference.DEFAULT, MaskedWordSettings.ALL, 32768, passes);
        List<Example> examples = IntStream.range(0, 60)
                .mapToObj(i -> text("id" + i, "第" + i + "回の会議では、" + "資料を読み合わせ、".repeat(i % 7 * (i % 3)) + "次の予定を決めた。"))
                .toList();
        List<Row> together = score(settings, examples);
        List<Example> reversed = new ArrayList<>(examples);
        Collections.reverse(reversed);
        List<Row> backwards = new ArrayList<>(score(settings, reversed));
        Collections.reverse(backwards);
        for (int i = 0; i < examples.size(); i++) {
            String expected = show(together.get(i));
            assertEquals(expected, show(backwards.get(i)));
            assertEquals(
                    expected, show(score(settings, examples.subList(i, i + 1)).get(0)));
        }
    }

    private static String show(Row row) {
        return row.getString(1)
                + row.getString(5)
                + Arrays.stream((Row[]) row.get(6))
                        .map(span -> Arrays.deepToString(IntStream.range(0, span.length())
                                .mapToObj(span::get)
                                .toArray()))
                        .toList()
                + (row.length() > 8 ? row.get(8) : "");
    }

    @Test
    void badRowsAreNamedAndDoNotStopTheOthers() {
        List<Row> rows = score(
                SETTINGS,
                List.of(
                        text("1", null),
                        text("2", "読める行。"),
                        text("3", " \u3000\n"),
                        text("4", ""),
                        text("5", "あ".repeat(20_000)),
                        text("6", "半分\ud83d")));
        assertEquals(
                List.of("failed", "scored", "failed", "failed", "failed", "failed"),
                rows.stream().map(row -> row.getString(2)).toList());
        assertEquals(
                "too long: 60000 bytes, the row limit is 32768", rows.get(4).getString(7));
        assertEquals(
                "invalid Unicode: unpaired surrogate U+D83D at index 2",
                rows.get(5).getString(7));
    }

    @Test
    void longerExamplesAreExcludedNotFailed() {
        MaskedWordSettings counted =
                new MaskedWordSettings(0.15, 42, Unit.CHAR, SegmenterReference.DEFAULT, 12, 32768, 1);
        List<Row> rows = score(counted, List.of(text("1", "四文字だ"), text("2", "五文字ある"), text("3", "あ".repeat(20_000))));
        assertEquals(
                List.of("scored", "excluded", "excluded"),
                rows.stream().map(row -> row.getString(2)).toList());
        assertEquals(15, rows.get(1).getInt(3));
    }

    @Test
    void ownWordsReplaceTheSegmenter() {
        MaskedWordSettings every =
                new MaskedWordSettings(1, 42, Unit.WORD, SegmenterReference.DEFAULT, MaskedWordSettings.ALL, 32768, 1);
        Example example = new Example("set", "1", "春の小川", List.of("春の", "小川"), true, null);
        Row[] spans = (Row[]) score(every, List.of(example)).get(0).get(6);
        assertEquals(List.of("春の", "小川"), List.of(spans[0].getString(2), spans[1].getString(2)));
        assertTrue(error(every, new Example("set", "1", "春の小川", List.of("春", "小川"), true, null))
                .startsWith("bad words: "));
        assertTrue(
                error(every, new Example("set", "1", "春の小川", null, true, null)).startsWith("bad words: "));
        MaskedWordSettings characters =
                new MaskedWordSettings(1, 42, Unit.CHAR, SegmenterReference.DEFAULT, MaskedWordSettings.ALL, 32768, 1);
        assertEquals(4, ((Row[]) score(characters, List.of(example)).get(0).get(6)).length);
    }

    @Test
    void specialTokenTextInDataIsText() {
        MaskedWordSettings every =
                new MaskedWordSettings(1, 42, Unit.BYTE, SegmenterReference.DEFAULT, MaskedWordSettings.ALL, 32768, 1);
        Row row = score(every, List.of(text("1", "<mask>"))).get(0);
        assertEquals(6, row.getInt(3));
        assertEquals("<mask>".repeat(6), row.getString(5));
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        for (double rate : new double[] {0, -0.1, 1.01, Double.NaN}) {
            assertFalse(isAccepted(rate));
        }
        assertTrue(isAccepted(1));
    }

    private static boolean isAccepted(double rate) {
        try {
            new MaskedWordSettings(rate, 1, Unit.WORD, SegmenterReference.DEFAULT, 1, 1, 1);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
