package org.bybert.udf.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.FillOptions;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.error.ModelException;
import org.bybert.udf.ModelReference;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformersTest {

    private static final StructType SCHEMA = new StructType()
            .add(
                    "error",
                    DataTypes.StringType,
                    true,
                    new MetadataBuilder().putString("kept", "yes").build())
            .add("a.b", DataTypes.StringType);

    private static SparkSession spark;

    @TempDir
    Path folder;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder().getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    /** Two texts that can be answered and two that cannot, in columns with names in the way. */
    private static Dataset<Row> texts() {
        return spark.createDataFrame(
                        Stream.of("海と山", null, "秋の<mask><mask><mask>", "とても長い文です")
                                .map(text -> RowFactory.create("mine", text))
                                .toList(),
                        SCHEMA)
                .coalesce(1);
    }

    private static ByBertEmbedder embedder() {
        return new ByBertEmbedder()
                .setModel(TestModel.folder().toString())
                .setInputCol("a.b")
                .setMaxBytes(20)
                .setPooling("max")
                .setNormalize(true)
                .setSpecialTokens("parse");
    }

    /** With the text of a special token taken for the token. */
    private static float[] alone(ModelReference reference, String text) {
        return alone(reference, Models.get(reference).encoder().tokenizer().encode(text));
    }

    private static float[] alone(ModelReference reference, int[] ids) {
        Models.Open model = Models.get(reference);
        float[] vector = model.encoder().withSession(session -> session.embed(List.of(ids), Pooling.MAX)[0]);
        Pooling.normalize(vector);
        return vector;
    }

    private static double[] doubles(float[] floats) {
        double[] doubles = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }

    @Test
    void embeddingsAreVectorsOfTheEncodersValues() {
        Dataset<Row> result = embedder().setErrorCol("why").transform(texts());
        assertEquals(embedder().setErrorCol("why").transformSchema(SCHEMA), result.schema());
        assertEquals(List.of("error", "a.b", "embedding", "why"), List.of(result.columns()));
        assertEquals("yes", result.schema().apply("error").metadata().getString("kept"));
        assertEquals(
                SQLDataTypes.VectorType(), result.schema().apply("embedding").dataType());
        List<Row> rows = result.collectAsList();
        for (int i : new int[] {0, 2}) {
            assertArrayEquals(
                    doubles(alone(TestModel.reference(), rows.get(i).getString(1))),
                    rows.get(i).<Vector>getAs(2).toArray());
        }
        assertEquals("null text", rows.get(1).getString(3));
        assertNull(rows.get(3).get(2));
        assertEquals("too long: 25 tokens, the limit is 21", rows.get(3).getString(3));
    }

    @Test
    void aRowKnowsItsFileAfterAStage() throws IOException {
        for (int file = 0; file < 3; file++) {
            Files.writeString(folder.resolve(file + ".txt"), (file + "の川\n").repeat(2));
        }
        List<Row> found = new ByBertEmbedder()
                .setModel(TestModel.folder().toString())
                .setInputCol("value")
                .transform(spark.read().text(folder.toString()).coalesce(1))
                .selectExpr("left(value, 1)", "left(right(input_file_name(), 5), 1)")
                .collectAsList();
        assertEquals(6, found.size());
        found.forEach(row -> assertEquals(row.get(0), row.get(1)));
    }

    @Test
    void specialTokensInDataAreTextUnlessSomebodySaysOtherwise() {
        ByBertEmbedder plain = new ByBertEmbedder()
                .setModel(TestModel.folder().toString())
                .setInputCol("a.b")
                .setPooling("max")
                .setNormalize(true);
        Row row = plain.transform(texts().where("`a.b` LIKE '秋%'"))
                .collectAsList()
                .get(0);
        int[] ids = Models.get(TestModel.reference()).encoder().tokenizer().encodePlain(row.getString(1));
        assertArrayEquals(
                doubles(alone(TestModel.reference(), ids)), row.<Vector>getAs(2).toArray());
        assertThrows(
                IllegalArgumentException.class,
                () -> plain.setSpecialTokens("both").transform(texts()));
    }

    @Test
    void aTextWithoutAnAnswerIsKeptSkippedOrFails() {
        assertEquals(4, embedder().transform(texts()).count());
        assertEquals(2, embedder().setHandleInvalid("skip").transform(texts()).count());
        Dataset<Row> failing = embedder().setHandleInvalid("error").transform(texts().where("`a.b` IS NOT NULL"));
        String message = assertThrows(Exception.class, failing::collectAsList).getMessage();
        assertTrue(message.contains("too long: 25 tokens"), message);
    }

    @Test
    void aPipelineIsSavedAndLoadedWithAllItsParameters() throws Exception {
        ByBertEmbedder embedder = embedder()
                .setModelOptions("rope_theta=20000", "add_eos_token=false")
                .setHandleInvalid("skip")
                .setOutputCol("vector");
        ByBertEmbedder second = embedder().setOutputCol("again");
        Normalizer next = new Normalizer().setInputCol("vector").setOutputCol("unit");
        PipelineModel fitted = new Pipeline()
                .setStages(new PipelineStage[] {embedder, second, next})
                .fit(texts());
        String path = folder.resolve("pipeline").toString();
        fitted.write().save(path);
        PipelineModel loaded = PipelineModel.load(path);
        assertEquals(parameters(embedder), parameters((ByBertEmbedder) loaded.stages()[0]));
        List<Row> rows = loaded.transform(texts()).collectAsList();
        assertEquals(2, rows.size());
        ModelReference reference = new ModelReference(
                TestModel.folder().toString(), Map.of("rope_theta", "20000", "add_eos_token", "false"));
        assertArrayEquals(
                doubles(alone(reference, "海と山")),
                rows.get(0).<Vector>getAs("vector").toArray());
        assertEquals(
                rows.get(0).<Vector>getAs("vector").size(),
                rows.get(0).<Vector>getAs("again").size());
        assertFalse(rows.get(0).isNullAt(rows.get(0).fieldIndex("unit")));
    }

    /** The options, an array, have no text of their own there. */
    private static List<String> parameters(ByBertEmbedder embedder) {
        return embedder.explainParams()
                .lines()
                .filter(line -> !line.startsWith("modelOptions"))
                .toList();
    }

    @Test
    void masksAreFilled() {
        Transformer filling = new ByBertFillMask()
                .setModel(TestModel.folder().toString())
                .setInputCol("a.b")
                .setOutputCol("text")
                .setScoreCol("score")
                .setMaxBytes(20)
                .setLongText("truncate");
        Transformer copy = filling.copy(new ParamMap());
        assertEquals(filling.uid(), copy.uid());
        List<Row> rows = copy.transform(texts()).collectAsList();
        assertEquals("海と山", rows.get(0).getString(2));
        assertNull(rows.get(0).get(3));
        assertNull(rows.get(1).get(2));
        assertFalse(rows.get(2).getString(2).contains("<mask>"));
        assertTrue(rows.get(2).getDouble(3) > 0);
        assertEquals("とても長い文", rows.get(3).getString(2));
    }

    @Test
    void gapsAreFilledWithTextUnlessTheBestBytesAreAskedFor() {
        List<String> texts = IntStream.range(1, 20)
                .mapToObj(i -> "海の" + "<mask>".repeat(i) + "が青い。")
                .toList();
        Dataset<Row> input = spark.createDataset(texts, Encoders.STRING()).toDF("text");
        for (Decoding decoding : Decoding.values()) {
            List<Row> rows = new ByBertFillMask()
                    .setModel(TestModel.folder().toString())
                    .setDecode(decoding.name())
                    .setScoreCol("score")
                    .transform(input)
                    .collectAsList();
            for (int i = 0; i < texts.size(); i++) {
                int[] ids =
                        Models.get(TestModel.reference()).encoder().tokenizer().encode(texts.get(i));
                FilledText expected = Models.get(TestModel.reference())
                        .encoder()
                        .withSession(s -> s.fillMask(List.of(ids), FillOptions.DEFAULTS.withDecoding(decoding))
                                .get(0));
                assertEquals(expected.text(), rows.get(i).getString(1));
                assertEquals(expected.score(), rows.get(i).getDouble(2));
            }
        }
        for (Row row : new ByBertFillMask()
                .setModel(TestModel.folder().toString())
                .setPasses(4)
                .setScoreCol("score")
                .transform(input)
                .collectAsList()) {
            int[] ids = Models.get(TestModel.reference()).encoder().tokenizer().encode(row.getString(0));
            FilledText expected = Models.get(TestModel.reference())
                    .encoder()
                    .withSession(s -> s.fillMask(List.of(ids), FillOptions.DEFAULTS.withPasses(4))
                            .get(0));
            assertEquals(expected.text(), row.getString(1));
            assertEquals(expected.score(), row.getDouble(2));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new ByBertFillMask().setPasses(0).transformSchema(input.schema()));
        ByBertFillMask candidates = new ByBertFillMask()
                .setModel(TestModel.folder().toString())
                .setTopK(3)
                .setGapsCol("gaps");
        Row row = candidates.transform(input).collectAsList().get(5);
        Row gap = row.<Row>getList(2).get(0);
        assertEquals(List.of(6, 6), List.of(gap.getInt(0), gap.getInt(1)));
        assertEquals("海の" + gap.<Row>getList(2).get(0).getString(0) + "が青い。", row.getString(1));
        assertEquals(3, gap.getList(2).size());
        assertThrows(IllegalArgumentException.class, () -> candidates.setTopK(0).transformSchema(input.schema()));
        String wrong = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ByBertFillMask().setDecode("best").transformSchema(input.schema()))
                .getMessage();
        assertTrue(wrong.contains("decode: expected one of [valid, bytes], found \"best\""), wrong);
    }

    @Test
    void theBestOfSomeTargetsIsPutInTheGap() {
        Dataset<Row> input = spark.createDataset(
                        Arrays.asList("駅は<mask>にある。", "駅", null, "川の<mask:3>は冷たい。"), Encoders.STRING())
                .toDF("text");
        ByBertFillMask choosing = new ByBertFillMask()
                .setModel(TestModel.folder().toString())
                .setTargets("東京", "名古屋", "津")
                .setGapsCol("gaps")
                .setErrorCol("error");
        List<Row> rows = choosing.transform(input).collectAsList();
        Row gap = rows.get(0).<Row>getList(2).get(0);
        List<Row> targets = gap.getList(2);
        assertEquals("駅は" + targets.get(0).getString(0) + "にある。", rows.get(0).getString(1));
        assertEquals(
                Set.of("東京", "名古屋", "津"),
                targets.stream().map(target -> target.getString(0)).collect(Collectors.toSet()));
        assertEquals(
                "no mask: expected one gap for the targets, <mask>, found none",
                rows.get(1).getString(3));
        assertEquals("null text", rows.get(2).getString(3));
        assertNull(rows.get(3).get(3));
        for (ByBertFillMask wrong : List.of(
                new ByBertFillMask().setTargets("津").setTopK(2),
                new ByBertFillMask().setTargets("津").setPasses(2),
                new ByBertFillMask().setTargets("津").setDecode("bytes"))) {
            String message = assertThrows(IllegalArgumentException.class, () -> wrong.transformSchema(input.schema()))
                    .getMessage();
            assertTrue(message.contains("targets: expected without topK, passes and decode"), message);
        }
        for (String target : new String[] {"", "<s>", "東京"}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new ByBertFillMask()
                                    .setModel(TestModel.folder().toString())
                                    .setTargets("東京", target)
                                    .transform(input))
                    .getMessage();
            assertTrue(message.startsWith("targets: expected texts, found at place 2 "), message);
        }
    }

    @Test
    void eachTextMayBringItsTargets() {
        Dataset<Row> input = spark.sql("SELECT * FROM VALUES ('駅は<mask>にある。', array('東京', '津')), "
                + "('川の<mask>は冷たい。', array('水')), ('川の<mask>', NULL), ('川の<mask>', array('水', NULL)), "
                + "(NULL, array('水')) AS t(text, words)");
        ByBertFillMask choosing = new ByBertFillMask()
                .setModel(TestModel.folder().toString())
                .setTargetsCol("words")
                .setGapsCol("gaps")
                .setErrorCol("error");
        List<Row> rows =
                choosing.transform(input).select("filled", "gaps", "error").collectAsList();
        assertEquals(
                new ByBertFillMask()
                        .setModel(TestModel.folder().toString())
                        .setTargets("東京", "津")
                        .setGapsCol("gaps")
                        .setErrorCol("error")
                        .transform(input.limit(1))
                        .select("filled", "gaps", "error")
                        .collectAsList(),
                rows.subList(0, 1));
        assertEquals("川の水は冷たい。", rows.get(1).getString(0));
        assertEquals("targets: expected texts, found null", rows.get(2).getString(2));
        assertTrue(rows.get(3).getString(2).startsWith("targets: expected texts, found at place 2 "), rows.toString());
        assertEquals("null text", rows.get(4).getString(2));
        for (ByBertFillMask wrong : List.of(
                new ByBertFillMask().setTargetsCol("text"),
                new ByBertFillMask().setTargetsCol("nowhere"),
                new ByBertFillMask().setTargetsCol("words").setTargets("津"),
                new ByBertFillMask().setTargetsCol("words").setTopK(2))) {
            assertThrows(IllegalArgumentException.class, () -> wrong.transformSchema(input.schema()));
        }
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingRuns() {
        refused("column n: expected string, found int; cast it", embedder().setInputCol("n"));
        refused("a column ERROR is there already", embedder().setErrorCol("ERROR"));
        refused(
                "pooling: expected one of [mean, cls, max], found \"sum\"",
                embedder().setPooling("sum"));
        refused(
                "longText: expected one of [truncate, split, error], found \"cut\"",
                embedder().setLongText("cut"));
        refused("handleInvalid: expected one of [keep, skip, error]", embedder().setHandleInvalid("drop"));
        refused("the parameter model is missing", new ByBertEmbedder().setInputCol("a.b"));
        refused("modelOptions: expected KEY=VALUE, found \"x\"", embedder().setModelOptions("x"));
        assertThrows(
                ModelException.class,
                () -> embedder().setModel("/does/not/exist").transform(texts()));
        String split = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ByBertFillMask()
                                .setInputCol("a.b")
                                .setModel(TestModel.folder().toString())
                                .setLongText("split")
                                .transform(texts()))
                .getMessage();
        assertTrue(split.contains("cannot be split"), split);
    }

    private static void refused(String message, ByBertEmbedder embedder) {
        Dataset<Row> input = texts().withColumn("n", functions.lit(1));
        String found = assertThrows(IllegalArgumentException.class, () -> embedder.transform(input))
                .getMessage();
        assertTrue(found.contains(message), found);
    }
}
