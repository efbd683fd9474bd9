package org.bybert.udf.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.batch.BatchOptions;
import org.bybert.encoder.batch.EmbedTask;
import org.bybert.encoder.batch.LongText;
import org.bybert.encoder.batch.TextEngine;
import org.bybert.encoder.batch.TextEngine.Answer;
import org.bybert.udf.Models;
import org.bybert.udf.TestModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EmbedPartitionTest {

    private static final StructType SCHEMA =
            new StructType().add("id", DataTypes.IntegerType, false).add("text", DataTypes.StringType, true);
    private static final int EMBEDDING = 2;
    private static final int BYTES = 3;
    private static final int TOKENS = 4;
    private static final int TRUNCATED = 5;
    private static final int ERROR = 6;

    private static SparkSession spark;

    @BeforeAll
    static void startSpark() {
        spark = SparkSession.builder().getOrCreate();
    }

    @AfterAll
    static void stopSpark() {
        spark.stop();
    }

    private static BatchMetrics metrics() {
        return BatchMetrics.register(spark);
    }

    private static List<Row> rows(String... texts) {
        return IntStream.range(0, texts.length)
                .mapToObj(i -> RowFactory.create(i, texts[i]))
                .toList();
    }

    private static Iterator<Row> stream(Iterator<Row> rows, BatchOptions options, BatchMetrics metrics) {
        return BatchPartition.embed(TestModel.reference(), options, 1, metrics).call(rows);
    }

    private static List<Row> embed(BatchOptions options, BatchMetrics metrics, String... texts) {
        List<Row> result = new ArrayList<>();
        stream(rows(texts).iterator(), options, metrics).forEachRemaining(result::add);
        return result;
    }

    private static float[] alone(String text, Pooling pooling, boolean normalize) {
        Models.Open model = Models.get(TestModel.reference());
        int[] ids = model.encoder().tokenizer().encodePlain(text);
        float[] vector = model.encoder().withSession(session -> session.embed(List.of(ids), pooling)[0]);
        if (normalize) {
            Pooling.normalize(vector);
        }
        return vector;
    }

    /** Sentences of 0 to 70 characters of all lengths in bytes, with masks, repeated texts and nulls among them. */
    private static String[] corpus(int n) {
        SplittableRandom random = new SplittableRandom(7);
        String[] parts = {"川", "の", "水", "a", "é", "𠮷", "<mask>", "🍊", "朝市で", "。"};
        String[] texts = new String[n];
        for (int i = 0; i < n; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(40); k > 0; k--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            texts[i] = i % 17 == 3 ? null : i % 5 == 4 ? texts[random.nextInt(i)] : text.toString();
        }
        return texts;
    }

    @Test
    void aRowIsTheSameWhateverThePartitionsTheBudgetAndTheWindow() {
        String[] texts = corpus(150);
        BatchOptions options =
                BatchOptions.DEFAULTS.withPooling(Pooling.MEAN, true).withLimit(40, LongText.SPLIT);
        Map<Integer, Row> expected = new HashMap<>();
        embed(options, metrics(), texts).forEach(row -> expected.put(row.getInt(0), row));
        assertEquals(texts.length, expected.size());
        Dataset<Row> input = spark.createDataFrame(rows(texts), SCHEMA);
        BatchOptions[] others = {
            options,
            options.withBatchBytes(1),
            options.withBatchBytes(64).withWindow(3, 10_000),
            options.withBatchBytes(100_000).withWindow(1, 1),
            options.withWindow(1000, 90)
        };
        for (int i = 0; i < others.length; i++) {
            List<Row> found = input.repartition(i + 1)
                    .mapPartitions(
                            BatchPartition.embed(
                                    TestModel.reference(),
                                    others[i],
                                    BatchPartition.textIndex(SCHEMA, "text"),
                                    metrics()),
                            Encoders.row(BatchPartition.schema(SCHEMA, BatchPartition.EMBEDDING)))
                    .collectAsList();
            assertEquals(texts.length, found.size());
            for (Row row : found) {
                Row same = expected.get(row.getInt(0));
                assertEquals(same.get(1), row.get(1));
                assertArrayEquals((float[]) same.get(EMBEDDING), floats(row), "row " + row.get(0));
                for (int column = BYTES; column <= ERROR; column++) {
                    assertEquals(same.get(column), row.get(column));
                }
            }
        }
    }

    private static float[] floats(Row row) {
        if (row.isNullAt(EMBEDDING)) {
            return null;
        }
        List<Float> list = row.getList(EMBEDDING);
        float[] vector = new float[list.size()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = list.get(i);
        }
        return vector;
    }

    @Test
    void rowsComeInTheirOrderWithTheEncodersVectors() {
        String[] texts = corpus(120);
        List<Row> found = embed(BatchOptions.DEFAULTS.withPooling(Pooling.CLS, false), metrics(), texts);
        for (int i = 0; i < texts.length; i++) {
            assertEquals(i, found.get(i).getInt(0));
            if (texts[i] == null) {
                assertNull(found.get(i).get(EMBEDDING));
                assertEquals("null text", found.get(i).getString(ERROR));
            } else {
                assertArrayEquals(alone(texts[i], Pooling.CLS, false), (float[])
                        found.get(i).get(EMBEDDING));
                assertNull(found.get(i).get(ERROR));
            }
        }
    }

    @Test
    void oneTextIsTheBatchOfOne() {
        String[] texts = corpus(60);
        BatchOptions options =
                BatchOptions.DEFAULTS.withPooling(Pooling.MAX, true).withLimit(30, LongText.SPLIT);
        TextEngine<String, float[]> one =
                metrics().engine(TestModel.reference(), options, model -> new EmbedTask(model, options));
        for (Row row : embed(options, metrics(), texts)) {
            Answer<float[]> answer = one.answer(row.getString(1));
            assertArrayEquals((float[]) row.get(EMBEDDING), answer.value());
            assertEquals(
                    Arrays.asList(row.get(BYTES), row.get(TOKENS), row.get(TRUNCATED), row.get(ERROR)),
                    Arrays.asList(answer.bytes(), answer.tokens(), answer.truncated(), answer.error()));
        }
    }

    @Test
    void rowsAreReadNoFurtherAheadThanTheWindow() {
        int[] read = {0};
        Iterator<Row> source = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Row next() {
                return RowFactory.create(read[0], "雨の日の本屋 " + read[0]++);
            }
        };
        Iterator<Row> result =
                stream(source, BatchOptions.DEFAULTS.withWindow(50, 1 << 20).withBatchBytes(100), metrics());
        for (int i = 0; i < 200; i++) {
            assertEquals(i, result.next().getInt(0));
            assertTrue(read[0] <= i + 51, read[0] + " rows read for " + (i + 1));
        }
        Iterator<Row> narrow = stream(source, BatchOptions.DEFAULTS.withWindow(1000, 60), metrics());
        int before = read[0];
        narrow.next();
        assertTrue(read[0] - before < 10, "the window counts bytes too");
    }

    @Test
    void likeTextsOfAWindowAreComputedOnce() {
        BatchMetrics metrics = metrics();
        List<Row> rows = embed(BatchOptions.DEFAULTS, metrics, "海", "山", "海", null, "海", null);
        assertEquals(2, metrics.duplicates().value());
        assertEquals(2 * 4, metrics.tokens().value());
        assertArrayEquals(
                (float[]) rows.get(0).get(EMBEDDING), (float[]) rows.get(4).get(EMBEDDING));
        BatchMetrics apart = metrics();
        embed(BatchOptions.DEFAULTS.withWindow(1, 1000), apart, "海", "山", "海");
        assertEquals(0, apart.duplicates().value());
    }

    @Test
    void whatHappenedIsCounted() {
        BatchMetrics metrics = metrics();
        embed(BatchOptions.DEFAULTS.withLimit(9, LongText.ERROR), metrics, "", null, "海と山と空", "空\uD83D", "海と山", null);
        assertEquals(Map.of("null text", 2L, "too long", 1L), metrics.errors().value());
        Map<String, Object> map = metrics.toMap();
        assertEquals(
                List.of(6L, 30L, 18L, 1L, 12L, 0L, 1L, 0L),
                map.entrySet().stream()
                        .filter(entry -> !entry.getKey().equals("errors"))
                        .map(Map.Entry::getValue)
                        .toList(),
                map.toString());
        assertEquals(1, metrics.executors().value().size());
    }

    @Test
    void aLongTextIsRefusedTruncatedOrSplit() {
        String text = "海と山と空と風";
        Row refused = embed(BatchOptions.DEFAULTS.withLimit(10, LongText.ERROR), metrics(), text)
                .get(0);
        assertNull(refused.get(EMBEDDING));
        assertEquals("too long: 22 tokens, the limit is 11", refused.getString(ERROR));
        assertEquals(21, refused.getInt(BYTES));
        assertNull(refused.get(TOKENS));

        Row truncated = embed(BatchOptions.DEFAULTS.withLimit(10, LongText.TRUNCATE), metrics(), text)
                .get(0);
        assertArrayEquals(alone("海と山", Pooling.MEAN, false), (float[]) truncated.get(EMBEDDING));
        assertEquals(
                List.of(21, 10, true),
                Arrays.asList(truncated.get(BYTES), truncated.get(TOKENS), truncated.get(TRUNCATED)));

        Row split = embed(
                        BatchOptions.DEFAULTS.withPooling(Pooling.MEAN, true).withLimit(10, LongText.SPLIT),
                        metrics(),
                        text)
                .get(0);
        // Windows of three characters; an eighth of ten bytes is one, so that the next begins a character earlier.
        float[] expected = weighted(
                alone("海と山", Pooling.MEAN, false),
                10,
                alone("山と空", Pooling.MEAN, false),
                10,
                alone("空と風", Pooling.MEAN, false),
                10);
        Pooling.normalize(expected);
        assertArrayEquals(expected, (float[]) split.get(EMBEDDING));
        assertEquals(List.of(21, 30, false), Arrays.asList(split.get(BYTES), split.get(TOKENS), split.get(TRUNCATED)));
    }

    private static float[] weighted(Object... vectorsAndWeights) {
        double[] sums = new double[((float[]) vectorsAndWeights[0]).length];
        double weights = 0;
        for (int k = 0; k < vectorsAndWeights.length; k += 2) {
            int weight = (Integer) vectorsAndWeights[k + 1];
            for (int i = 0; i < sums.length; i++) {
                sums[i] += (double) ((float[]) vectorsAndWeights[k])[i] * weight;
            }
            weights += weight;
        }
        float[] mean = new float[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sums[i] / weights);
        }
        return mean;
    }

    @Test
    void textsOfMegabytesCostNoMoreThanWhatIsReadOfThem() {
        String huge = "長い長い文章。".repeat(250_000);
        BatchMetrics metrics = metrics();
        List<Row> refused = embed(BatchOptions.DEFAULTS, metrics, huge, "短い文");
        assertEquals(
                "too long: 5250001 tokens, the limit is 3072", refused.get(0).getString(ERROR));
        assertNull(refused.get(1).get(ERROR));
        assertEquals(10, metrics.tokens().value());
        List<Row> cut = embed(BatchOptions.DEFAULTS.withLimit(30, LongText.TRUNCATE), metrics(), huge);
        assertEquals(31, cut.get(0).getInt(TOKENS));
        assertFalse(cut.get(0).isNullAt(EMBEDDING));
    }
}
