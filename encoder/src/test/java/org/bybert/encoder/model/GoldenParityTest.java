package org.bybert.encoder.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bybert.encoder.Golden;
import org.bybert.encoder.KernelSets;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.ConfigFile;
import org.bybert.encoder.kernel.Kernels;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenParityTest {

    static Stream<Arguments> goldenTimesKernels() {
        return Golden.NAMES.stream().flatMap(name -> KernelSets.all().map(kernels -> Arguments.of(name, kernels)));
    }

    static Transformer load(String name, Kernels kernels) {
        Checkpoint checkpoint = Checkpoint.open(Golden.folder(name));
        return Transformer.load(
                ConfigFile.read(Golden.folder(name), Map.of()),
                checkpoint,
                kernels,
                WeightFormat.of(checkpoint.dtypes()));
    }

    @ParameterizedTest
    @MethodSource("goldenTimesKernels")
    void hiddenStatesAndLogitsAgreeWithDoublePrecision(String name, Kernels kernels) {
        Golden golden = Golden.expected(name);
        Transformer transformer = load(name, kernels);
        Workspace work = transformer.newWorkspace();
        assertTrue(golden.cases() >= 3);
        for (int c = 0; c < golden.cases(); c++) {
            RaggedBatch batch = RaggedBatch.of(golden.rows(c));
            transformer.run(batch, null, work);
            int padded = Math.toIntExact(golden.shape(c + ".hidden").get(1));
            float[] hidden = golden.floats(c + ".hidden");
            float[] logits = golden.floats(c + ".logits");
            int size = transformer.config().hiddenSize();
            int vocab = transformer.config().vocabSize();
            float[] row = new float[Math.max(size, vocab)];
            for (int r = 0; r < batch.rows(); r++) {
                for (int i = 0; i < batch.length(r); i++) {
                    String where = name + " case " + c + " row " + r + " token " + i;
                    transformer.hidden(work, batch.start(r) + i, row, 0);
                    assertClose(hidden, (r * padded + i) * size, row, size, 5e-4, where);
                    transformer.logits(work, new int[] {batch.start(r) + i}, 0, 1, row);
                    assertClose(logits, (r * padded + i) * vocab, row, vocab, 5e-4, where);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("goldenTimesKernels")
    void meanOfHiddenStatesAgrees(String name, Kernels kernels) {
        Golden golden = Golden.expected(name);
        Transformer transformer = load(name, kernels);
        Workspace work = transformer.newWorkspace();
        int size = transformer.config().hiddenSize();
        for (int c = 0; c < golden.cases(); c++) {
            List<int[]> rows = golden.rows(c);
            RaggedBatch batch = RaggedBatch.of(rows);
            transformer.run(batch, null, work);
            float[] expected = golden.floats(c + ".mean_pool");
            for (int r = 0; r < rows.size(); r++) {
                float[] mean = new float[size];
                float[] hidden = new float[size];
                for (int i = 0; i < batch.length(r); i++) {
                    transformer.hidden(work, batch.start(r) + i, hidden, 0);
                    for (int d = 0; d < size; d++) {
                        mean[d] += hidden[d] / batch.length(r);
                    }
                }
                assertClose(expected, r * size, mean, size, 1e-4, name + " case " + c + " row " + r);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("goldenTimesKernels")
    void aRowsBitsDoNotDependOnItsNeighbours(String name, Kernels kernels) {
        Golden golden = Golden.expected(name);
        Transformer transformer = load(name, kernels);
        List<int[]> all = IntStream.range(0, golden.cases())
                .boxed()
                .flatMap(c -> golden.rows(c).stream())
                .toList();
        Workspace shared = transformer.newWorkspace();
        RaggedBatch together = RaggedBatch.of(all);
        transformer.run(together, null, shared);
        int size = transformer.config().hiddenSize();
        float[] inBatch = new float[size];
        float[] alone = new float[size];
        Workspace own = transformer.newWorkspace();
        for (int r = 0; r < all.size(); r++) {
            transformer.run(RaggedBatch.of(List.of(all.get(r))), null, own);
            for (int i = 0; i < all.get(r).length; i++) {
                transformer.hidden(shared, together.start(r) + i, inBatch, 0);
                transformer.hidden(own, i, alone, 0);
                for (int d = 0; d < size; d++) {
                    assertEquals(
                            Float.floatToIntBits(alone[d]),
                            Float.floatToIntBits(inBatch[d]),
                            "row " + r + " token " + i);
                }
            }
        }
    }

    static void assertClose(float[] expected, int at, float[] actual, int n, double tolerance, String where) {
        for (int i = 0; i < n; i++) {
            assertEquals(expected[at + i], actual[i], tolerance, where + " dimension " + i);
        }
    }
}
