package org.bybert.job.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Pooling;
import org.bybert.encoder.Session;
import org.bybert.encoder.Session.FilledText;
import org.bybert.encoder.checkpoint.Checkpoint;
import org.bybert.encoder.checkpoint.Dtype;
import org.bybert.encoder.checkpoint.Json;
import org.bybert.encoder.checkpoint.ModelConfig;
import org.bybert.encoder.checkpoint.Preset;
import org.bybert.encoder.checkpoint.Presets;
import org.bybert.encoder.detect.Detection.Verdict;
import org.bybert.encoder.detect.Detector;
import org.bybert.encoder.kernel.KernelChoice;
import org.bybert.encoder.model.ModelFolder;
import org.bybert.encoder.model.TensorShapes;
import org.bybert.encoder.model.Transformer;
import org.bybert.encoder.model.WeightFormat;
import org.bybert.job.Commands;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomModelTest {

    private static final ModelConfig TINY =
            new ModelConfig(288, 64, 96, 2, 4, 2, 16, 1e-6f, 10_000, 512, false, false, false);

    @TempDir
    Path folder;

    private Path written(String name, long seed, Dtype dtype) throws IOException {
        Path model = folder.resolve(name);
        new RandomModel("tiny", TINY, true, "mixed-radix", seed, dtype).write(model);
        return model;
    }

    private static byte[] weights(Path model) throws IOException {
        return Files.readAllBytes(model.resolve("model.safetensors"));
    }

    @Test
    void theSeedDecidesEveryByte() throws IOException {
        Path first = written("first", 1, Dtype.BF16);
        Path second = written("second", 1, Dtype.BF16);
        for (String file : List.of("config.json", "tokenizer_config.json", "model.safetensors", "README.md")) {
            assertArrayEquals(Files.readAllBytes(first.resolve(file)), Files.readAllBytes(second.resolve(file)), file);
        }
        float[] query = Checkpoint.open(first)
                .map("model.layers.0.self_attn.q_proj.weight", 64, 64)
                .toArray();
        float[] other = Checkpoint.open(written("other", 2, Dtype.BF16))
                .map("model.layers.0.self_attn.q_proj.weight", 64, 64)
                .toArray();
        int same = 0;
        for (int i = 0; i < query.length; i++) {
            same += query[i] == other[i] ? 1 : 0;
        }
        assertTrue(same < query.length / 20, same + " of " + query.length + " weights are those of another seed");
    }

    @Test
    void everyDtypeIsTheSameModel() throws IOException {
        FilledText filled = null;
        float[] vector = null;
        for (Dtype dtype : List.of(Dtype.F32, Dtype.F16, Dtype.BF16)) {
            ByBert encoder = ByBert.open(written(dtype.name(), 1, dtype));
            Session session = encoder.newSession();
            List<int[]> rows = List.of(encoder.tokenizer().encode("森に<mask><mask>が降る。"));
            FilledText text = session.fillMask(rows).get(0);
            float[] embedding = session.embed(rows, Pooling.MEAN)[0];
            assertTrue(text.score() > 0 && text.score() < 1 && Float.isFinite(embedding[0]) && embedding[0] != 0);
            assertEquals(filled == null ? text : filled, text);
            assertArrayEquals(vector == null ? embedding : vector, embedding);
            filled = text;
            vector = embedding;
        }
    }

    @Test
    void queriesKeysAndValuesHaveTheirBiases() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(written("biased", 1, Dtype.F32));
        for (String projection : List.of("q_proj", "k_proj", "v_proj")) {
            float[] bias = checkpoint
                    .map("model.layers.1.self_attn." + projection + ".bias", projection.equals("q_proj") ? 64 : 32)
                    .toArray();
            assertTrue(bias[0] != 0 && bias[0] != bias[1], projection);
        }
        assertFalse(checkpoint.has("model.layers.1.self_attn.o_proj.bias"));
    }

    @Test
    void itSaysThatItIsRandomWhereverOneLooks() throws IOException {
        Path model = written("model", 7, Dtype.F16);
        ByteBuffer header = ByteBuffer.wrap(weights(model), 8, 400);
        for (String text : List.of(
                Files.readString(model.resolve("config.json")),
                Files.readString(model.resolve("README.md")),
                StandardCharsets.UTF_8.decode(header).toString())) {
            assertTrue(text.contains("random weights") && text.contains("seed"), text);
        }
        assertEquals(
                7,
                Json.readObject(model.resolve("config.json"))
                        .at("/bybert_random_weights/seed")
                        .asInt());
    }

    @Test
    void aFolderThatHoldsSomethingIsLeftAlone() throws IOException {
        Path model = written("model", 1, Dtype.F32);
        byte[] before = weights(model);
        IOException refused = assertThrows(IOException.class, () -> written("model", 2, Dtype.F32));
        assertTrue(refused.getMessage().contains("not empty"), refused.getMessage());
        assertArrayEquals(before, weights(model));
        Files.createDirectory(folder.resolve("empty"));
        assertDoesNotLeaveAnything(written("empty", 1, Dtype.F32));
    }

    private static void assertDoesNotLeaveAnything(Path model) throws IOException {
        try (Stream<Path> beside = Files.list(model.getParent())) {
            assertEquals(
                    List.of(),
                    beside.filter(path -> path.toString().contains("unfinished"))
                            .toList());
        }
        assertTrue(FileUtil.fullyDelete(model.toFile()) && Files.notExists(model));
    }

    /** The counts that the published tables give, from the shapes that are known or inferred. */
    @ParameterizedTest
    @CsvSource({
        "bybert-jp-100m, 106629888",
        "bybert-jp-200m, 205089792",
        "bybert-jp-400m, 396989440",
        "bybert-jp-v2-100m, 113726208"
    })
    void presetsHaveTheirNumberOfParameters(String name, long parameters) {
        Preset preset = Presets.installed().of(name);
        assertEquals(parameters, TensorShapes.parameters(TensorShapes.of(preset.config(), preset.queryKeyValueBias())));
    }

    @Test
    void theyDecideNothingAboutHowAModelWasTrained() {
        // Their preference for some bytes favours one encoding, but no model of the context stands behind it.
        ModelFolder model = ModelFolder.read(Path.of(Commands.model()), Map.of(), Preset.NONE);
        for (long seed = 1; seed <= 5; seed++) {
            Transformer random = Transformer.load(
                    model.config(),
                    new RandomModel("mini", model.config(), false, "utf-8", seed, Dtype.F32),
                    KernelChoice.kernels(),
                    WeightFormat.F32);
            for (Verdict verdict : new Detector(random, model.tokenizerSettings())
                    .run(List.of(Detector.ENCODING, Detector.EOS, Detector.BOS, Detector.THETA), true)
                    .verdicts()) {
                assertFalse(verdict.decided(), verdict::toString);
            }
        }
    }
}
