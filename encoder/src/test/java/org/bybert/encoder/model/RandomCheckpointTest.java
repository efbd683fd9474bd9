package org.bybert.encoder.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.KernelSets;
import org.bybert.encoder.Warnings;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.ConfigFile;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.kernel.Kernels;
import org.bybert.encoder.kernel.ScalarKernels;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Shapes that no released model has: sizes that fill no vector, any mix of biases, any grouping of heads. */
class RandomCheckpointTest {

    private static final double TOLERANCE = 5e-4;

    @TempDir
    Path folder;

    static Map<String, RandomCheckpoint> shapes() {
        Map<String, RandomCheckpoint> shapes = new LinkedHashMap<>();
        shapes.put(
                "all biases",
                RandomCheckpoint.of(64, 176, 4, 2)
                        .biases(RandomCheckpoint.PROJECTIONS)
                        .config(json -> json.put("attention_bias", true).put("mlp_bias", true)));
        shapes.put("biases of some", RandomCheckpoint.of(64, 176, 4, 2).biases(List.of("k_proj", "up_proj", "o_proj")));
        shapes.put("tied embeddings", RandomCheckpoint.of(64, 100, 4, 2).tied());
        shapes.put(
                "tied embeddings, biased head",
                RandomCheckpoint.of(50, 77, 5, 5).tied().biases(List.of("lm_head")));
        shapes.put("multi-head", RandomCheckpoint.of(100, 131, 5, 5).dtype(Dtype.BF16));
        shapes.put(
                "multi-head by default",
                RandomCheckpoint.of(48, 96, 3, 3).config(json -> json.remove("num_key_value_heads")));
        shapes.put("one key-value head", RandomCheckpoint.of(48, 131, 6, 1));
        shapes.put("odd feed-forward width 77", RandomCheckpoint.of(30, 77, 3, 3));
        shapes.put("odd feed-forward width 131", RandomCheckpoint.of(50, 131, 5, 1));
        shapes.put("head size 2", RandomCheckpoint.of(30, 77, 15, 5));
        shapes.put(
                "head size 6, narrower than hidden",
                RandomCheckpoint.of(50, 131, 4, 2).headSize(6));
        shapes.put("head size 24", RandomCheckpoint.of(100, 131, 4, 2).headSize(24));
        shapes.put(
                "head size 80, wider than hidden",
                RandomCheckpoint.of(30, 77, 2, 1).headSize(80));
        shapes.put(
                "vocabulary of 384",
                RandomCheckpoint.of(50, 77, 5, 5).vocab(384).dtype(Dtype.F16).shards(3));
        shapes.put("no rope_theta", RandomCheckpoint.of(64, 77, 4, 2).config(json -> json.remove("rope_theta")));
        shapes.put(
                "rope_theta in rope_parameters",
                RandomCheckpoint.of(64, 77, 4, 2).theta(500).config(json -> {
                    json.remove("rope_theta");
                    json.putObject("rope_parameters")
                            .put("rope_type", "default")
                            .put("rope_theta", 500);
                }));
        return shapes;
    }

    /** Files of tied models often hold the head all the same. */
    @Test
    void aTiedHeadThatIsStoredTooIsTheEmbeddings() {
        RandomCheckpoint model = RandomCheckpoint.of(64, 100, 4, 2).tied();
        float[] embeddings = model.weights().get("model.embed_tokens.weight");
        model.write(
                folder, tensors -> tensors.put("lm_head.weight", Dtype.F32, embeddings, embeddings.length / 64, 64));
        assertEquals(List.of(), Warnings.of(() -> ByBert.open(folder, Map.of(), Preset.NONE, new ScalarKernels())));
    }

    static Stream<Arguments> shapesTimesKernels() {
        return shapes().entrySet().stream()
                .flatMap(shape -> KernelSets.all()
                        .map(kernels ->
                                Arguments.of(shape.getKey(), shape.getValue(), Named.of(kernels.name(), kernels))));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("shapesTimesKernels")
    void anyShapeAgreesWithDoublePrecision(String name, RandomCheckpoint model, Kernels kernels) {
        assertAgrees(model, kernels, 200, 0, 1, 33, 4);
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.KernelSets#all")
    void rowsBeyondTheKeyBlockAgreeBesideShortAndEmptyOnes(Kernels kernels) {
        assertAgrees(RandomCheckpoint.of(48, 77, 6, 2), kernels, 0, 1, 1117, 0, 400, 1);
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.KernelSets#all")
    void bf16WeightsGiveTheSameBitsHeldWideOrNarrow(Kernels kernels) {
        RandomCheckpoint.of(100, 1600, 5, 5)
                .dtype(Dtype.BF16)
                .biases(List.of("q_proj", "k_proj", "v_proj"))
                .write(folder);
        RaggedBatch batch = batch(1, 31, 0, 100);
        int[] all = IntStream.range(0, batch.tokens()).toArray();
        assertArrayEquals(
                logits(kernels, WeightFormat.F32, batch, all, null),
                logits(kernels, WeightFormat.BF16, batch, all, null));
    }

    @ParameterizedTest
    @MethodSource("org.bybert.encoder.KernelSets#all")
    void positionsThatAreAskedForHaveTheBitsOfTheFullRun(Kernels kernels) {
        RandomCheckpoint.of(64, 131, 4, 2).write(folder);
        RaggedBatch batch = batch(40, 0, 700, 1, 33);
        int[] some = {0, 39, 40, 41, 290, 739, 740, 773};
        assertArrayEquals(
                logits(kernels, WeightFormat.F32, batch, some, null),
                logits(kernels, WeightFormat.F32, batch, some, some));
    }

    private static RaggedBatch batch(int... lengths) {
        Random random = new Random(7);
        return RaggedBatch.of(IntStream.of(lengths)
                .mapToObj(n -> random.ints(n, 0, 288).toArray())
                .toList());
    }

    private float[] logits(Kernels kernels, WeightFormat format, RaggedBatch batch, int[] positions, int[] wanted) {
        Transformer transformer =
                Transformer.load(ConfigFile.read(folder, Map.of()), Checkpoint.open(folder), kernels, format);
        Workspace work = transformer.newWorkspace();
        transformer.run(batch, wanted, work);
        float[] logits = new float[positions.length * 288];
        for (int first = 0; first < positions.length; first += Workspace.CHUNK) {
            int count = Math.min(Workspace.CHUNK, positions.length - first);
            float[] chunk = new float[count * 288];
            transformer.logits(work, positions, first, count, chunk);
            System.arraycopy(chunk, 0, logits, first * 288, chunk.length);
        }
        return logits;
    }

    private void assertAgrees(RandomCheckpoint model, Kernels kernels, int... lengths) {
        model.write(folder);
        Random random = new Random(7);
        List<int[]> rows = IntStream.of(lengths)
                .mapToObj(n -> random.ints(n, 0, model.vocab).toArray())
                .toList();
        Checkpoint checkpoint = Checkpoint.open(folder);
        Transformer transformer = Transformer.load(
                ConfigFile.read(folder, Map.of()), checkpoint, kernels, WeightFormat.of(checkpoint.dtypes()));
        Workspace work = transformer.newWorkspace();
        RaggedBatch batch = RaggedBatch.of(rows);
        transformer.run(batch, null, work);
        ReferenceEncoder reference = new ReferenceEncoder(model);
        for (int r = 0; r < rows.size(); r++) {
            double[][] expected = reference.hidden(rows.get(r));
            for (int first = 0; first < rows.get(r).length; first += Workspace.CHUNK) {
                int count = Math.min(Workspace.CHUNK, rows.get(r).length - first);
                int start = batch.start(r) + first;
                float[] logits = new float[count * model.vocab];
                transformer.logits(work, IntStream.range(start, start + count).toArray(), 0, count, logits);
                float[] hidden = new float[model.hidden];
                for (int i = 0; i < count; i++) {
                    String where = "row " + r + " token " + (first + i);
                    transformer.hidden(work, start + i, hidden, 0);
                    assertClose(expected[first + i], hidden, 0, where);
                    assertClose(reference.logits(expected[first + i]), logits, i * model.vocab, where);
                }
            }
        }
    }

    private static void assertClose(double[] expected, float[] actual, int at, String where) {
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[at + i]) <= TOLERANCE)) {
                assertEquals(expected[i], actual[at + i], TOLERANCE, where + " dimension " + i);
            }
        }
    }
}
