package org.bybert.encoder;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.bybert.encoder.FillOptions.Decoding;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.Session.Predictions;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.ConfigFile;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.RaggedBatch;
import org.bybert.encoder.model.RandomCheckpoint;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.encoder.model.Workspace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SessionTest {

    private static final Path GOLDEN = Golden.folder("utf8-bf16");
    private static final ByBert ENCODER = ByBert.open(GOLDEN);
    private static final List<int[]> ROWS = List.of(
            encode("柿が赤くなると医者が青くなる。"),
            encode(""),
            encode("柿"),
            encode("<mask>八年<mask><mask>。"),
            encode("隣の客はよく柿を食う客だ。".repeat(6)),
            encode("ab<mask>"));

    private static int[] encode(String text) {
        return ENCODER.tokenizer().encode(text);
    }

    /** Hidden states of one row, token by token. */
    private static float[][] hidden(int[] row) {
        Transformer transformer = Transformer.load(
                ConfigFile.read(GOLDEN, Map.of()), Checkpoint.open(GOLDEN), KernelChoice.kernels(), WeightFormat.BF16);
        Workspace work = transformer.newWorkspace();
        transformer.run(RaggedBatch.of(List.of(row)), null, work);
        float[][] states = new float[row.length][ENCODER.config().hiddenSize()];
        for (int token = 0; token < row.length; token++) {
            transformer.hidden(work, token, states[token], 0);
        }
        return states;
    }

    @Test
    void clsIsTheFirstHiddenState() {
        float[][] vectors = ENCODER.newSession().embed(ROWS, Pooling.CLS);
        assertArrayEquals(hidden(ROWS.get(0))[0], vectors[0]);
        assertArrayEquals(hidden(ROWS.get(4))[0], vectors[4]);
    }

    @Test
    void meanIsTheMeanOverAllTokens() {
        float[][] vectors = ENCODER.newSession().embed(ROWS, Pooling.MEAN);
        for (int row : new int[] {0, 2, 4}) {
            float[][] hidden = hidden(ROWS.get(row));
            for (int d = 0; d < vectors[row].length; d++) {
                int dimension = d;
                double mean = IntStream.range(0, hidden.length)
                        .mapToDouble(t -> hidden[t][dimension])
                        .average()
                        .orElseThrow();
                assertEquals(mean, vectors[row][d], 1e-6, "row " + row + " dimension " + d);
            }
        }
    }

    @Test
    void maxIsTheLargestOverAllTokens() {
        float[][] vectors = ENCODER.newSession().embed(ROWS, Pooling.MAX);
        for (int row : new int[] {0, 2, 4}) {
            float[][] hidden = hidden(ROWS.get(row));
            for (int d = 0; d < vectors[row].length; d++) {
                int dimension = d;
                double max = IntStream.range(0, hidden.length)
                        .mapToDouble(t -> hidden[t][dimension])
                        .max()
                        .orElseThrow();
                assertEquals(max, vectors[row][d], "row " + row + " dimension " + d);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void normalizedVectorsHaveLengthOneAndTheSameDirection(Pooling pooling) {
        float[][] raw = ENCODER.newSession().embed(ROWS, pooling);
        float[][] normalized = ENCODER.newSession().embed(ROWS, pooling);
        Arrays.stream(normalized).forEach(Pooling::normalize);
        for (int row : new int[] {0, 2, 3, 4, 5}) {
            double length = Math.sqrt(dot(raw[row], raw[row]));
            assertEquals(1, Math.sqrt(dot(normalized[row], normalized[row])), 1e-6);
            assertEquals(length, dot(raw[row], normalized[row]), 1e-5 * length);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRowWithoutTokensIsAllZeros(Pooling pooling) {
        float[] zeros = new float[ENCODER.config().hiddenSize()];
        for (float[] vector : List.of(
                ENCODER.newSession().embed(ROWS, pooling)[1],
                ENCODER.newSession().embed(List.of(new int[0]), pooling)[0])) {
            assertArrayEquals(zeros, vector);
            Pooling.normalize(vector);
            assertArrayEquals(zeros, vector);
        }
    }

    @Test
    void noRowsGiveNoResults() {
        assertEquals(0, ENCODER.newSession().embed(List.of(), Pooling.MEAN).length);
        assertEquals(List.of(), ENCODER.newSession().fillMask(List.of()));
    }

    @Test
    void masksAreCountedAndFilled() {
        List<FilledText> filled = ENCODER.newSession().fillMask(ROWS);
        assertEquals(
                List.of(0, 0, 0, 3, 0, 1),
                filled.stream().map(FilledText::masks).toList());
        for (int row : new int[] {3, 5}) {
            assertTrue(
                    filled.get(row).score() > 0 && filled.get(row).score() <= 1,
                    filled.get(row).toString());
        }
        assertTrue(filled.get(5).text().startsWith("ab"), filled.get(5).toString());
        assertTrue(filled.get(3).text().contains("八年"), filled.get(3).toString());
    }

    @Test
    void aTextWithoutMaskStaysAsItIsAndHasNoScore() {
        List<FilledText> filled = ENCODER.newSession().fillMask(ROWS);
        assertEquals(new FilledText("柿が赤くなると医者が青くなる。", 0, Double.NaN), filled.get(0));
        assertEquals(new FilledText("", 0, Double.NaN), filled.get(1));
        assertEquals(new FilledText("柿", 0, Double.NaN), filled.get(2));
    }

    /** More masks than are scored at a time, so that chunks meet. */
    @Test
    void maskedPositionsGetTheMostProbableTokenAndTheGeometricMeanOfItsProbability() {
        int[] row = encode("柿" + "<mask>".repeat(300) + "柿");
        RaggedBatch batch = RaggedBatch.of(List.of(row));
        int[] positions = IntStream.range(3, 303).toArray();
        Predictions predictions = ENCODER.newSession().predict(batch, positions);
        FilledText filled = ENCODER.newSession()
                .fillMask(List.of(row), FillOptions.DEFAULTS.withDecoding(Decoding.BYTES))
                .get(0);
        int[] expected = row.clone();
        double logarithms = 0;
        for (int i = 0; i < positions.length; i++) {
            expected[positions[i]] = predictions.ids()[i];
            logarithms += Math.log(predictions.probabilities()[i]);
        }
        assertEquals(ENCODER.tokenizer().decode(expected), filled.text());
        assertEquals(300, filled.masks());
        assertEquals(Math.exp(logarithms / 300), filled.score(), 1e-9);
    }

    @Test
    void predictionsAreArgmaxAndSoftmaxOfTheGoldenLogits() {
        Golden golden = Golden.expected("utf8-bf16");
        for (int c = 0; c < golden.cases(); c++) {
            RaggedBatch batch = RaggedBatch.of(golden.rows(c).subList(0, 1));
            Predictions predictions = ENCODER.newSession()
                    .predict(batch, IntStream.range(0, batch.tokens()).toArray());
            float[] logits = golden.floats(c + ".logits");
            for (int token = 0; token < batch.tokens(); token++) {
                int at = token * 288;
                float best = logits[at + predictions.ids()[token]];
                double sum = IntStream.range(0, 288)
                        .mapToDouble(i -> Math.exp(logits[at + i]))
                        .sum();
                double max = IntStream.range(0, 288)
                        .mapToDouble(i -> logits[at + i])
                        .max()
                        .orElseThrow();
                assertEquals(max, best, 1e-3, "case " + c + " token " + token);
                assertEquals(Math.exp(best) / sum, predictions.probabilities()[token], 1e-3);
            }
        }
    }

    @Test
    void equalLogitsGiveTheLowestId(@TempDir Path folder) {
        RandomCheckpoint.of(12, 20, 2, 1)
                .write(folder, tensors -> tensors.put("lm_head.weight", Dtype.F32, new float[288 * 12], 288, 12));
        RaggedBatch batch = RaggedBatch.of(List.of(new int[] {5, 9}));
        Predictions predictions = ByBert.open(folder).newSession().predict(batch, new int[] {1, 0});
        assertArrayEquals(new int[] {0, 0}, predictions.ids());
        assertArrayEquals(new double[] {1 / 288.0, 1 / 288.0}, predictions.probabilities(), 1e-12);
    }

    @Test
    void idsOutsideTheVocabularyAreRefusedAndTheSessionGoesOn() {
        Session session = ENCODER.newSession();
        float[][] before = session.embed(ROWS, Pooling.MEAN);
        for (int id : new int[] {-1, 288, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            List<int[]> rows = List.of(encode("柿"), new int[] {9, id});
            for (Callable<?> call :
                    List.<Callable<?>>of(() -> session.embed(rows, Pooling.MEAN), () -> session.fillMask(rows))) {
                String message =
                        assertThrows(IllegalArgumentException.class, call::call).getMessage();
                assertTrue(message.contains("0 to 287") && message.contains("found " + id), message);
            }
        }
        assertSame(before, session.embed(ROWS, Pooling.MEAN));
    }

    @Test
    void aModelWithoutMaskEmbedsButFillsNothing(@TempDir Path folder) throws Exception {
        EditedJson.write(folder, "tokenizer_config.json", json -> json.remove("mask_token"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(GOLDEN.resolve(name), folder.resolve(name));
        }
        Session session = ByBert.open(folder).newSession();
        refused(() -> session.fillMask(ROWS), "mask_token");
        assertSame(ENCODER.newSession().embed(ROWS, Pooling.MEAN), session.embed(ROWS, Pooling.MEAN));
    }

    @Test
    void resultsDoNotDependOnTheBatch() {
        float[][] together = ENCODER.newSession().embed(ROWS, Pooling.MEAN);
        List<FilledText> filled = ENCODER.newSession().fillMask(ROWS);
        Random random = new Random(31);
        for (int attempt = 0; attempt < 20; attempt++) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, ROWS.size()).boxed().toList());
            Collections.shuffle(order, random);
            List<Integer> some = order.subList(0, 1 + random.nextInt(order.size()));
            List<int[]> rows = some.stream().map(ROWS::get).toList();
            assertSame(
                    some.stream().map(row -> together[row]).toArray(float[][]::new),
                    ENCODER.newSession().embed(rows, Pooling.MEAN));
            assertEquals(
                    some.stream().map(filled::get).toList(),
                    ENCODER.newSession().fillMask(rows));
        }
    }

    /** Often enough for the JIT compiler to replace every kernel on the way. */
    @Test
    void oneSessionGivesTheSameAgainAndAgain() {
        Session session = ENCODER.newSession();
        float[][] first = session.embed(ROWS, Pooling.MEAN);
        List<FilledText> filled = session.fillMask(ROWS);
        for (int again = 0; again < 60; again++) {
            session.embed(ROWS.subList(again % 5, 6), Pooling.MAX);
            assertSame(first, session.embed(ROWS, Pooling.MEAN));
        }
        assertEquals(filled, session.fillMask(ROWS));
    }

    /** A new encoder, so that the threads meet while its table of rotary positions grows. */
    @Test
    void fourThreadsShareOneEncoder() throws Exception {
        ByBert shared = ByBert.open(GOLDEN);
        float[][] expected = ENCODER.newSession().embed(ROWS, Pooling.MEAN);
        List<FilledText> filled = ENCODER.newSession().fillMask(ROWS);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> results = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int first = thread;
                results.add(threads.submit(() -> {
                    Session session = shared.newSession();
                    for (int i = 0; i < 12; i++) {
                        int row = (first + i) % ROWS.size();
                        assertSame(
                                new float[][] {expected[row]}, session.embed(ROWS.subList(row, row + 1), Pooling.MEAN));
                        assertEquals(filled, session.fillMask(ROWS));
                    }
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void assertSame(float[][] expected, float[][] actual) {
        assertEquals(expected.length, actual.length);
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], actual[row], "row " + row);
        }
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> (double) a[i] * b[i])
                .sum();
    }
}
