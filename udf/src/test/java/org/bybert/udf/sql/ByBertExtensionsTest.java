package org.bybert.udf.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.FillOptions.LengthBy;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session.Candidate;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.ChooseTask;
import org.bybert.encoder.batch.FillMaskTask;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.bybert.udf.masked.ScoreMethod;
import org.bybert.udf.masked.ScoreTask;
import org.bybert.udf.mecab.TinyDictionary;
import org.bybert.udf.words.Segmenter;
import org.bybert.udf.words.SegmenterReference;
import org.bybert.udf.words.Unit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user of SQL sees of the functions: values, settings, errors. */
class ByBertExtensionsTest {

    private static SparkSession application;
    private SparkSession spark;

    @BeforeAll
    static void startSpark() {
        application = SparkSession.builder()
                .config("spark.sql.extensions", ByBertExtensions.class.getName())
                .getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        application.stop();
    }

    @BeforeEach
    void newSession() {
        spark = application.newSession();
        spark.sql("SET spark.bybert.model=" + TestModel.folder());
    }

    private Row one(String expression) {
        return spark.sql("SELECT " + expression).head();
    }

    private String refusal(String sql) {
        return Conditions.check(assertThrows(AnalysisException.class, () -> spark.sql(sql)), "");
    }

    private static List<Float> embedding(String text, Pooling pooling, boolean normalize) {
        Models.Open model = Models.get(TestModel.reference());
        int[] ids = model.encoder().tokenizer().encode(text);
        float[] vector = model.encoder().withSession(session -> session.embed(List.of(ids), pooling)[0]);
        if (normalize) {
            Pooling.normalize(vector);
        }
        Float[] boxed = new Float[vector.length];
        Arrays.setAll(boxed, i -> vector[i]);
        return List.of(boxed);
    }

    @Test
    void anArgumentWinsOverTheSessionAndTheSessionOverTheDefault() {
        String text = "川の水は冷たい。";
        String call = "bybert_embed('" + text + "'";
        assertEquals(embedding(text, Pooling.MEAN, false), one(call + ")").getList(0));
        spark.sql("SET spark.bybert.pooling=max");
        assertEquals(embedding(text, Pooling.MAX, false), one(call + ")").getList(0));
        assertEquals(
                embedding(text, Pooling.CLS, true),
                one(call + ", pooling => 'CLS', normalize => true)").getList(0));
        assertEquals(
                embedding(text, Pooling.MEAN, false),
                one("bybert_embed(pooling => concat('me', 'an'), text => '" + text + "')")
                        .getList(0));
    }

    @Test
    void sessionsHaveTheirOwnSettings() {
        SparkSession other = application.newSession();
        Conditions.check(
                assertThrows(AnalysisException.class, () -> other.sql("SELECT bybert_embed('海')")),
                "no model: SET spark.bybert.model=FOLDER, or give the argument model => 'FOLDER'");
        other.sql("SET spark.bybert.model=" + TestModel.folder());
        other.sql("SET spark.bybert.model.option.add_eos_token=false");
        String call = "SELECT bybert_check('海', max_bytes => 4), bybert_embed('海')";
        assertNotEquals(spark.sql(call).head(), other.sql(call).head());
        other.sql("RESET spark.bybert.model.option.add_eos_token");
        assertEquals(spark.sql(call).head(), other.sql(call).head());
    }

    @Test
    void aCallThatNamesItsModelTakesNoOptionsOfTheSession() {
        spark.sql("SET spark.bybert.model=/does/not/exist");
        spark.sql("SET spark.bybert.model.option.add_eos_token=false");
        String named = "bybert_embed('海', model => '" + TestModel.folder() + "'";
        assertEquals(embedding("海", Pooling.MEAN, false), one(named + ")").getList(0));
        assertNotEquals(
                embedding("海", Pooling.MEAN, false),
                one(named + ", model_options => map('add_eos_token', 'false'))").getList(0));
    }

    @Test
    void specialTokensInDataAreTextUnlessSomebodySaysOtherwise() {
        String text = "<s>1980円</s><mask>";
        int bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        assertNull(
                one("bybert_check('" + text + "', max_bytes => " + bytes + ")").get(0));
        assertEquals(
                "too long: " + (bytes + 1) + " tokens, the limit is " + bytes,
                one("bybert_check('" + text + "', max_bytes => " + (bytes - 1) + ")")
                        .get(0));
        assertNull(one("bybert_check('" + text + "', max_bytes => 12, special_tokens => 'parse')")
                .get(0));
        String call = "bybert_embed('" + text + "'";
        Row plain = one(call + ")");
        Row parsed = one(call + ", special_tokens => 'parse')");
        assertNotEquals(parsed, plain);
        assertEquals(embedding(text, Pooling.MEAN, false), parsed.getList(0));
        double score = one("bybert_score('" + text + "', unit => 'char')").getDouble(0);
        spark.sql("SET spark.bybert.special_tokens=parse");
        assertEquals(parsed, one(call + ")"));
        assertEquals(plain, one(call + ", special_tokens => 'TEXT')"));
        assertEquals(score, one("bybert_score('" + text + "', unit => 'char')").getDouble(0));
        assertEquals(
                text.length() + 2,
                one("length(regexp_replace(bybert_mask_words('" + text
                                + "', 1, 0, unit => 'char').masked_text, '<mask>', 'x'))")
                        .getInt(0));
    }

    @Test
    void targetsAreRankedAsTheEncoderRanksThem() {
        ByBert model = Models.get(TestModel.reference()).encoder();
        List<String> targets = List.of("東京", "名古屋", "津");
        for (LengthBy by : LengthBy.values()) {
            List<Candidate> expected = new TextEngine<>(
                            model, new ChooseTask(model, BatchOptions.DEFAULTS, targets, by), BatchOptions.DEFAULTS)
                    .answer("駅は<mask>にある。")
                    .value()
                    .gaps()
                    .get(0)
                    .candidates();
            Row found = one("bybert_choose('駅は<mask>にある。', array('東京', '名古屋', '津'), length_by => '" + by + "')")
                    .getStruct(0);
            assertEquals(expected.get(0).text(), found.getString(0));
            assertEquals(expected.get(0).probability(), found.getDouble(1));
            assertNull(found.get(2));
            assertEquals(
                    expected,
                    found.<Row>getList(3).stream()
                            .map(t -> new Candidate(t.getString(0), t.getDouble(1), t.getDouble(2)))
                            .toList());
        }
        assertNull(one("bybert_choose(NULL, array('津'))").get(0));
        Row refused = one("bybert_choose('駅', array('津'))").getStruct(0);
        assertEquals("no mask: expected one gap for the targets, <mask>, found none", refused.getString(2));
        assertNull(refused.get(0));
        Map.of(
                        "array('津', '')", "targets: expected texts, found at place 2 an empty one",
                        "array('津', NULL)", "targets: expected texts, found at place 2 an empty one",
                        "array('<mask>')", "found at place 1 a special token in it, <mask>",
                        "array('津', '津')", "found at place 2 津 a second time",
                        "array()", "argument targets: expected an array of strings, found array()",
                        "'津'", "argument targets: expected an array of strings, found '津'",
                        "t", "argument targets: expected an array of strings, found",
                        "array(1, 2)", "argument targets: expected an array of strings, found",
                        "CAST(NULL AS ARRAY<STRING>)", "argument targets: expected a constant")
                .forEach((argument, message) -> {
                    String found =
                            refusal("SELECT bybert_choose('<mask>', " + argument + ") FROM VALUES ('a') AS x(t)");
                    assertTrue(found.contains(message), found);
                });
    }

    @Test
    void eachRowMayBringItsOwnTargets() {
        spark.sql("CREATE OR REPLACE TEMP VIEW questions AS SELECT * FROM VALUES "
                + "(1, '駅は<mask>にある。', array('東京', '名古屋', '津')), (2, '駅は<mask>にある。', array('海', '山')), "
                + "(3, '川は<mask>。', array('長い')), (4, '駅は<mask>にある。', array('東京', '名古屋', '津')), "
                + "(5, NULL, array('海')), (6, '川は<mask>。', NULL), (7, '川は<mask>。', array()), "
                + "(8, '川は<mask>。', array('海', NULL)), (9, '川は<mask>。', array('海', '')), "
                + "(10, '川は<mask>。', array('<s>')), (11, '川は', array('海')), (12, NULL, NULL) AS q(id, t, c) "
                + "UNION ALL SELECT 13, '川は<mask>。', transform(sequence(1, 10000), i -> concat('の', i))");
        Map<Integer, String> errors = Map.of(
                6, "targets: expected texts, found null",
                7, "targets: expected at least one text, found none",
                8, "targets: expected texts, found at place 2 an empty one",
                9, "targets: expected texts, found at place 2 an empty one",
                10, "targets: expected texts, found at place 1 a special token in it, <s>",
                11, "no mask: expected one gap for the targets, <mask>, found none");
        for (String hint : List.of("COALESCE(1)", "REPARTITION(4)")) {
            for (Row row : spark.sql(
                            "SELECT /*+ " + hint + " */ id, t, c, bybert_choose(t, c, length_by => 'byte') AS f "
                                    + "FROM questions WHERE id < 13")
                    .collectAsList()) {
                int id = row.getInt(0);
                if (row.isNullAt(1)) {
                    assertNull(row.get(3));
                    continue;
                }
                Row found = row.getStruct(3);
                assertEquals(errors.get(id), found.getString(2));
                if (found.isNullAt(2)) {
                    String array = row.<String>getList(2).stream()
                            .map(target -> "'" + target + "'")
                            .collect(Collectors.joining(", ", "array(", ")"));
                    assertEquals(
                            one("bybert_choose('" + row.getString(1) + "', " + array + ", length_by => 'byte')")
                                    .get(0),
                            found);
                }
            }
        }
        assertEquals(
                10_000,
                spark.sql("SELECT size(bybert_choose(t, c).targets) FROM questions WHERE id = 13")
                        .first()
                        .getInt(0));
        assertEquals(
                List.of("海", "海"),
                spark
                        .sql("SELECT CASE WHEN id = 2 THEN bybert_choose(t, array_remove(c, '山')).text END, "
                                + "bybert_choose(bybert_fill_mask('<mask:3>').text || t, slice(c, 1, 1)).text "
                                + "FROM questions WHERE id = 2")
                        .collectAsList()
                        .stream()
                        .flatMap(row -> Stream.of(row.getString(0), row.getString(1)))
                        .toList());
        String struct = refusal("SELECT bybert_embed(struct(t, c)) FROM questions");
        assertTrue(struct.contains("expected a text of type string, found struct<"), struct);
        String number = refusal("SELECT bybert_choose(id, c) FROM questions");
        assertTrue(number.contains("expected a text of type string, found int"), number);
    }

    @Test
    void candidatesAreThoseOfTheEncoder() {
        String text = "海の<mask:3>が<mask:4>。";
        ByBert model = Models.get(TestModel.reference()).encoder();
        int[] ids = model.tokenizer().encode("海の<mask><mask><mask>が<mask><mask><mask><mask>。");
        FilledText expected = model.withSession(session ->
                session.fillMask(List.of(ids), FillOptions.DEFAULTS.withTopK(5)).get(0));
        Row found = one("bybert_fill_mask('" + text + "', top_k => 5)").getStruct(0);
        assertEquals(expected.text(), found.getString(0));
        assertEquals(
                List.of("text", "score", "error", "gaps"),
                List.of(found.schema().fieldNames()));
        for (int i = 0; i < 2; i++) {
            Row gap = found.<Row>getList(3).get(i);
            assertEquals(expected.gaps().get(i).start(), gap.getInt(0));
            assertEquals(expected.gaps().get(i).length(), gap.getInt(1));
            List<Row> candidates = gap.getList(2);
            assertEquals(
                    expected.gaps().get(i).candidates(),
                    candidates.stream()
                            .map(c -> new Candidate(c.getString(0), c.getDouble(1)))
                            .toList());
            assertEquals(5, candidates.size());
        }
        assertEquals(
                "array<struct<start:int,length:int,candidates:array<struct<text:string,logprob:double>>>>",
                found.schema().apply("gaps").dataType().catalogString());
        assertEquals(List.of(), one("bybert_fill_mask('海', top_k => 1).gaps").getList(0));
        assertNull(
                one("bybert_fill_mask('海と山', max_bytes => 8, top_k => 1).gaps").get(0));
        for (String by : List.of("char", "byte")) {
            BatchOptions texts = BatchOptions.DEFAULTS;
            FillOptions fill = new FillOptions(Decoding.VALID, 1, LengthBy.valueOf(by.toUpperCase(Locale.ROOT)), 1);
            FilledText open = new TextEngine<>(model, new FillMaskTask(model, texts, fill), texts)
                    .answer("海の<mask:?>が青い。")
                    .value();
            Row row = one("bybert_fill_mask('海の<mask:?>が青い。', top_k => 1, length_by => '" + by + "')")
                    .getStruct(0);
            assertEquals(open.text(), row.getString(0));
            assertEquals(open.score(), row.getDouble(1));
        }
        assertEquals(
                "mask length: expected 1 to 9999, a range such as 3-12, or ?, found <mask:9-3>",
                one("bybert_fill_mask('海の<mask:9-3>').error").getString(0));
        spark.sql("SET spark.bybert.top_k=2");
        assertEquals(
                2,
                one("size(bybert_fill_mask('" + text + "').gaps[1].candidates)").getInt(0));
        assertEquals(
                expected.gaps().get(1).candidates().get(0).logProbability(),
                one("bybert_fill_mask('" + text + "').gaps[1].candidates[0].logprob")
                        .getDouble(0));
    }

    @Test
    void severalPassesAnswerAsTheEncoderDoesWhateverThePartitions() {
        ByBert model = Models.get(TestModel.reference()).encoder();
        List<String> texts = new ArrayList<>(IntStream.range(1, 14)
                .mapToObj(masks -> "海の<mask:" + masks + ">が<mask:" + (1 + masks % 7) + ">青い。")
                .toList());
        texts.addAll(Arrays.asList("海", null, "海の<mask:2-4>が青い。", "海の<mask:0>"));
        spark.createDataset(texts, Encoders.STRING()).toDF("t").createOrReplaceTempView("gaps");
        for (int passes : new int[] {1, 2, Integer.MAX_VALUE}) {
            FillOptions fill = FillOptions.DEFAULTS.withPasses(passes);
            TextEngine<String, FilledText> engine = new TextEngine<>(
                    model, new FillMaskTask(model, BatchOptions.DEFAULTS, fill), BatchOptions.DEFAULTS);
            Map<String, Answer<FilledText>> answers = new HashMap<>();
            texts.stream().filter(Objects::nonNull).forEach(text -> answers.put(text, engine.answer(text)));
            for (String hint : List.of("COALESCE(1)", "REPARTITION(5)")) {
                for (String more : List.of("", ", batch_bytes => 64")) {
                    String call = "bybert_fill_mask(t, passes => " + passes + more + ")";
                    Map<String, Row> found = new HashMap<>();
                    spark.sql("SELECT /*+ " + hint + " */ t, " + call + " FROM gaps")
                            .collectAsList()
                            .forEach(row -> found.put(row.getString(0), row.getStruct(1)));
                    for (String text : texts) {
                        if (text == null) {
                            assertNull(found.get(null));
                            continue;
                        }
                        Answer<FilledText> expected = answers.get(text);
                        assertEquals(expected.error(), found.get(text).getString(2));
                        if (expected.error() == null) {
                            assertEquals(
                                    expected.value().text(), found.get(text).getString(0));
                            assertEquals(
                                    expected.value().masks() == 0
                                            ? null
                                            : expected.value().score(),
                                    found.get(text).get(1));
                        }
                    }
                    if (passes == 1) {
                        assertEquals(
                                found.get(texts.get(8)),
                                one("bybert_fill_mask('" + texts.get(8) + "')").get(0));
                    }
                }
            }
        }
        Row gap = one("bybert_fill_mask('海の<mask:9>', passes => 3, top_k => 1)").getStruct(0);
        List<Row> candidates = gap.<Row>getList(3).get(0).getList(2);
        assertEquals("海の" + candidates.get(0).getString(0), gap.getString(0));
        assertEquals(Math.log(gap.getDouble(1)) * 9, candidates.get(0).getDouble(1), 1e-9);
    }

    @Test
    void gapsAreFilledAsTheEncoderFillsThem() {
        ByBert model = Models.get(TestModel.reference()).encoder();
        for (int masks = 1; masks < 20; masks++) {
            String text = "海の<mask:" + masks + ">が青い。";
            int[] ids = model.tokenizer().encode(text.replace("<mask:" + masks + ">", "<mask>".repeat(masks)));
            for (Decoding decoding : Decoding.values()) {
                FilledText expected = model.withSession(
                        session -> session.fillMask(List.of(ids), FillOptions.DEFAULTS.withDecoding(decoding))
                                .get(0));
                Row found = one("bybert_fill_mask('" + text + "', decode => '" + decoding + "')")
                        .getStruct(0);
                assertEquals(expected.text(), found.getString(0));
                assertEquals(expected.score(), found.getDouble(1));
            }
        }
    }

    @Test
    void masksAreFilled() {
        Row filled = one("bybert_fill_mask('京都は古い<mask><mask><mask>である。')").getStruct(0);
        assertTrue(
                filled.getString(0).startsWith("京都は古い") && filled.getString(0).endsWith("である。"));
        assertTrue(filled.getDouble(1) > 0 && filled.getDouble(1) <= 1);
        assertNull(filled.get(2));
        Row refused = one("bybert_fill_mask('海と山', max_bytes => 8)").getStruct(0);
        assertEquals("too long: 10 tokens, the limit is 9", refused.getString(2));
        assertEquals(
                "海と",
                one("bybert_fill_mask('海と山', max_bytes => 8, long_text => 'truncate').text")
                        .getString(0));
    }

    @Test
    void wordsAreMaskedBySeedAndText() {
        String text = "朝の市場は人でいっぱいだ。";
        Row row = one("bybert_mask_words('" + text + "', 0.3, 7)").getStruct(0);
        List<Row> spans = row.getList(1);
        assertFalse(spans.isEmpty());
        String restored = row.getString(0);
        for (Row span : spans) {
            String gold = span.getString(2);
            assertEquals(
                    gold.getBytes(java.nio.charset.StandardCharsets.UTF_8).length, span.getInt(1) - span.getInt(0));
            restored = restored.replaceFirst("(<mask>){" + (span.getInt(1) - span.getInt(0)) + "}", gold);
        }
        assertEquals(text, restored);
        assertEquals(
                row,
                one("bybert_mask_words(text => '" + text + "', seed => 7, rate => 0.3)")
                        .getStruct(0));
        List<Row> all = one("bybert_mask_words('海 山', 1, 0, unit => 'char')")
                .getStruct(0)
                .getList(1);
        assertEquals(
                List.of("海", "山"), all.stream().map(span -> span.getString(2)).toList());
        assertEquals(
                "blank text: nothing but white space",
                one("bybert_mask_words(' ', 0.3, 7).error").getString(0));
    }

    @Test
    void wordsAreThoseOfTheDictionaryThatIsNamed(@TempDir Path folder) {
        Path dictionary = TinyDictionary.sample().write(folder.resolve("tiny"));
        String call = "bybert_mask_words('川の水は冷たい。12', 1, 0, segmenter => 'mecab:" + dictionary + "'";
        assertEquals(List.of("川", "の", "水", "は", "冷たい", "。", "12"), golds(call + ")"));
        assertEquals(List.of("川", "の", "水", "は", "冷たい", "。", "1", "2"), golds(call + ", join_digits => false)"));
        assertTrue(one("bybert_score('川の水', segmenter => 'mecab:" + dictionary + "')")
                        .getDouble(0)
                < 0);
        for (String wrong : List.of("mecab:" + folder.resolve("none"), "mecab:", "juman")) {
            String message = Conditions.check(
                    assertThrows(Exception.class, () -> one("bybert_score('川', segmenter => '" + wrong + "')")), "");
            assertTrue(
                    message.contains("dictionary folder not found")
                            || message.contains("argument segmenter: expected unidic or mecab:DIR, found '" + wrong),
                    message);
        }
    }

    private List<String> golds(String call) {
        return one(call).getStruct(0).<Row>getList(1).stream()
                .map(span -> span.getString(2))
                .toList();
    }

    @Test
    void theScoreIsTheMeanLogLikelihoodOfTheMaskedBytes() {
        double ordinary = one("bybert_score('日本の首都は東京である。')").getDouble(0);
        assertTrue(ordinary < 0);
        assertTrue(one("bybert_score('。るあで京東は都首の本日')").getDouble(0) < ordinary);
        // One word alone: what fill_mask says of its bytes is the largest that the score can be.
        double score = one("bybert_score('海', unit => 'char')").getDouble(0);
        double best =
                Math.log(one("bybert_fill_mask('<mask><mask><mask>').score").getDouble(0));
        assertTrue(score <= best + 1e-9, score + " > " + best);
        String[] batches = {"1", "30", "100000"};
        for (String batch : batches) {
            assertEquals(
                    ordinary,
                    one("bybert_score('日本の首都は東京である。', batch_bytes => " + batch + ")")
                            .getDouble(0));
        }
        assertNull(one("bybert_score('  ')").get(0));
        assertNull(one("bybert_score('海と山', max_bytes => 8)").get(0));
    }

    @Test
    void methodsOfScoringAreThoseOfTheTask() {
        String text = "'日本の首都は 東京である。'";
        double word = one("bybert_score(" + text + ")").getDouble(0);
        double bytes = one("bybert_score(" + text + ", method => 'BYTE')").getDouble(0);
        assertEquals(
                word,
                one("bybert_score(" + text + ", method => 'word', unit => 'word')")
                        .getDouble(0));
        assertEquals(bytes, one("bybert_score(" + text + ", unit => 'byte')").getDouble(0));
        ByBert model = Models.get(TestModel.reference()).encoder();
        ScoreTask task = new ScoreTask(
                model,
                BatchOptions.DEFAULTS,
                ScoreMethod.WORD_L2R,
                null,
                Segmenter.of(Unit.WORD, SegmenterReference.DEFAULT));
        assertEquals(
                new TextEngine<>(model, task, BatchOptions.DEFAULTS)
                        .answer("日本の首都は 東京である。")
                        .value()
                        .mean(),
                one("bybert_score(" + text + ", method => 'word-l2r')").getDouble(0));
        assertTrue(bytes < 0 && bytes != word, bytes + " " + word);
        assertEquals(
                2,
                spark.sql("SELECT count(DISTINCT s) FROM (SELECT /*+ REPARTITION(3) */ bybert_score(t, method => "
                                + "'word-l2r', batch_bytes => 40) s FROM VALUES (" + text + "), ('海'), (" + text
                                + "), ('海') AS x(t))")
                        .head()
                        .getLong(0));
        spark.sql("SET spark.bybert.method=byte");
        assertEquals(bytes, one("bybert_score(" + text + ")").getDouble(0));
        spark.sql("SET spark.bybert.unit=char");
        Conditions.check(
                assertThrows(AnalysisException.class, () -> one("bybert_score('海')")),
                "spark.bybert.unit: method byte masks each byte by itself: expected unit byte or none, found char");
        assertTrue(one("bybert_mask_words('海', 1, 0).masked_text").getString(0).contains("<mask>"));
    }

    @Test
    void nullGivesNull() {
        Row row = spark.sql(
                        "SELECT bybert_embed(t), bybert_fill_mask(t), bybert_mask_words(t, 0.1, 1), bybert_score(t), "
                                + "bybert_check(t), bybert_embed(NULL) FROM VALUES (CAST(NULL AS STRING)) AS x(t)")
                .head();
        for (int i : new int[] {0, 1, 2, 3, 5}) {
            assertNull(row.get(i), "column " + i);
        }
        assertEquals("null text", row.getString(4));
        assertEquals(embedding("", Pooling.MEAN, false), one("bybert_embed('')").getList(0));
    }

    @Test
    void aWrongCallIsRefusedBeforeAnythingRuns() {
        Map<String, String> messages = Map.ofEntries(
                Map.entry(
                        "bybert_embed('a', pool => 'cls')",
                        "unknown argument pool; known are [text, pooling, normalize,"),
                Map.entry(
                        "bybert_embed('a', 'cls')",
                        "expected [text] by position, found 2 arguments; give options by name"),
                Map.entry("bybert_embed()", "argument text is missing"),
                Map.entry("bybert_embed('a', text => 'b')", "argument text is given twice"),
                Map.entry("bybert_embed('a', pooling => 'sum')", "expected [mean, cls, max], found 'sum'"),
                Map.entry("bybert_embed(t, pooling => t)", "argument pooling: expected a constant, found"),
                Map.entry("bybert_embed(t, pooling => NULL)", "argument pooling: expected a constant, found NULL"),
                Map.entry("bybert_embed(id)", "expected a text of type string, found int; cast it: bybert_embed(CAST("),
                Map.entry("bybert_embed('a', model => '/does/not/exist')", "/does/not/exist: model folder not found"),
                Map.entry("bybert_embed('a', model_options => 'x')", "argument model_options: expected a map"),
                Map.entry("bybert_embed('a', model_options => map('rope', '1'))", "model options: expected ["),
                Map.entry("bybert_embed('a', max_bytes => 'many')", "argument max_bytes: expected a whole number"),
                Map.entry("bybert_embed('a', max_bytes => -1)", "maximum of bytes: expected 0"),
                Map.entry("bybert_fill_mask('a', long_text => 'split')", "expected error or truncate"),
                Map.entry(
                        "bybert_fill_mask('a', decode => 'best')",
                        "argument decode: expected [valid, bytes], found 'best'"),
                Map.entry("bybert_fill_mask('a', top_k => 101)", "top k: expected 0 (no candidates) to 100, found 101"),
                Map.entry("bybert_fill_mask('a', top_k => 1, decode => 'bytes')", "expected decode valid, found bytes"),
                Map.entry("bybert_fill_mask('a', passes => 0)", "passes: expected 1 or more, found 0"),
                Map.entry("bybert_fill_mask('a', passes => -3)", "passes: expected 1 or more, found -3"),
                Map.entry("bybert_fill_mask('a', passes => 'all')", "argument passes: expected a whole number"),
                Map.entry("bybert_fill_mask('a', passes => 9999999999)", "argument passes: expected a whole number"),
                Map.entry("bybert_fill_mask('a', passes => NULL)", "argument passes: expected a constant"),
                Map.entry("bybert_fill_mask('a', passes => 2, top_k => 5)", "top k of at most 1, found top k 5"),
                Map.entry("bybert_fill_mask('a', passes => 2, decode => 'bytes')", "found decode bytes"),
                Map.entry("bybert_fill_mask('a', pooling => 'cls')", "unknown argument pooling"),
                Map.entry("bybert_mask_words('a', 0.1)", "argument seed is missing; expected [text, rate, seed]"),
                Map.entry("bybert_mask_words('a', 1.5, 1)", "argument rate: expected a number above 0 and at most 1"),
                Map.entry("bybert_mask_words('a', 0.5, 1.5)", "argument seed: expected a whole number"),
                Map.entry("bybert_score('a', unit => 'line')", "expected [word, char, byte], found 'line'"),
                Map.entry(
                        "bybert_score('a', method => 'l2r')",
                        "argument method: expected [word, word-l2r, byte], found 'l2r'"),
                Map.entry(
                        "bybert_score('a', method => 'word-l2r', unit => 'byte')",
                        "argument unit: method word-l2r goes from byte to byte of a unit: expected unit word or char"),
                Map.entry("bybert_mask_words('a', 1, 1, method => 'byte')", "unknown argument method"));
        messages.forEach((call, expected) -> {
            String message = refusal("SELECT " + call + " FROM VALUES (1, 'a') AS x(id, t)");
            assertTrue(message.contains(expected), call + ": " + message);
        });
    }

    @Test
    void whatATaskFindsHasAConditionToo(@TempDir Path folder) throws IOException {
        for (String query : List.of(
                "SELECT bybert_embed('海', OTHER)",
                "SELECT exists(array('海'), t -> bybert_score(t, OTHER, unit => 'char') < 0) FROM range(1, 3, 1, 2)")) {
            Path copy = folder.resolve("copy" + query.length());
            Files.createDirectory(copy);
            for (String name : List.of("config.json", "tokenizer_config.json", "model.safetensors")) {
                Files.copy(TestModel.folder().resolve(name), copy.resolve(name));
            }
            Dataset<Row> analysed = spark.sql(
                    query.replace("OTHER", "model => '" + copy + "', model_options => map('rope_theta', '9998')"));
            Files.writeString(copy.resolve("config.json"), "{}");
            Throwable thrown = assertThrows(Exception.class, analysed::collectAsList);
            Conditions.check(thrown, copy.toString());
        }
    }

    @Test
    void columnsAreNamedAfterTheirOptions() {
        assertEquals(
                List.of(
                        "bybert_score(t)",
                        "bybert_score(t, method => word-l2r, unit => char)",
                        "bybert_mask_words(t, 0.3, 7)",
                        "bybert_mask_words(t, 0.3, 7, unit => char, max_bytes => 9)",
                        "bybert_embed(upper(t), pooling => cls, normalize => true)[0]",
                        "bybert_check(t, model_options => map('add_eos_token', 'false'))"),
                List.of(spark.sql(
                                "SELECT bybert_score(t), bybert_score(t, unit => 'char', method => 'word-l2r'), bybert_mask_words(t, 0.3, 7), "
                                        + "bybert_mask_words(max_bytes => 9, seed => 7, unit => 'char', rate => 0.3, text => t), "
                                        + "bybert_embed(upper(t), pooling => 'cls', normalize => true)[0], "
                                        + "bybert_check(t, model_options => map('add_eos_token', 'false')) "
                                        + "FROM VALUES ('海') AS x(t)")
                        .columns()));
    }

    @Test
    void aViewThatIsKeptHasCalls() {
        assumeFalse(
                spark.version().matches("4\\.[01]\\..*"), "Spark 4.0 and 4.1 refuse functions that are not its own");
        try {
            spark.sql("CREATE VIEW kept AS SELECT t, bybert_score(t, unit => 'char') AS s, bybert_embed(t) AS v "
                    + "FROM VALUES ('海') AS x(t)");
            SparkSession other = application.newSession();
            other.sql("SET spark.bybert.model=" + TestModel.folder());
            Row row = other.sql("SELECT s, bybert_score(t, unit => 'char'), v FROM kept")
                    .head();
            assertEquals(row.get(0), row.get(1));
            assertEquals(embedding("海", Pooling.MEAN, false), row.getList(2));
        } finally {
            spark.sql("DROP VIEW IF EXISTS kept");
        }
    }

    @Test
    void anUnknownKeyOfTheSessionIsNamed() {
        spark.sql("SET spark.bybert.poling=cls");
        String message = refusal("SELECT bybert_embed('a')");
        assertTrue(
                message.contains("spark.bybert.poling: unknown; the session knows spark.bybert.[model, pooling,"),
                message);
        spark.sql("RESET spark.bybert.poling");
        spark.sql("SET spark.bybert.pooling=sum");
        assertTrue(refusal("SELECT bybert_embed('a')").contains("spark.bybert.pooling: expected [mean, cls, max]"));
        assertNull(one("bybert_check('a')").get(0));
    }

    @Test
    void everyFunctionIsDescribed() {
        for (SqlFunction function : SqlFunction.values()) {
            List<String> lines = spark.sql("DESCRIBE FUNCTION EXTENDED " + function.sqlName).collectAsList().stream()
                    .map(row -> row.getString(0))
                    .toList();
            String all = String.join("\n", lines);
            assertTrue(
                    all.contains("Usage: " + function.sqlName + (function.takesText() ? "(text, " : "(option")), all);
            function.options.forEach(option -> assertTrue(all.contains("* " + option.key + " - "), all));
            String example = all.substring(all.indexOf("> SELECT") + 2, all.lastIndexOf(';'));
            spark.sql(example).collectAsList();
        }
        assertEquals(7, spark.sql("SHOW FUNCTIONS LIKE 'bybert_*'").count());
    }
}
