package org.bybert.encoder;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.kernel.ScalarKernels;
import org.bybert.encoder.model.ModelFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ByBertTest {

    private static final Path GOLDEN = Golden.folder("utf8-bf16");

    @TempDir
    Path folder;

    private static ByBert open(Map<String, String> overrides) {
        return ByBert.open(GOLDEN, overrides, null, new ScalarKernels());
    }

    @Test
    void aMissingFolderIsNamed() {
        Path missing = folder.resolve("no-such-model");
        refused(() -> ByBert.open(missing), missing, "not found on host");
        refused(() -> ByBert.check(missing, Map.of()), missing, "not found on host");
    }

    @Test
    void aFileIsNoFolder() {
        Path file = GOLDEN.resolve("model.safetensors");
        refused(() -> ByBert.open(file), file.toAbsolutePath(), "not found on host");
    }

    @Test
    void anEmptyFolderIsRefusedByItsFirstMissingFile() {
        refused(() -> ByBert.open(folder), folder.resolve("config.json"), "file not found");
    }

    @Test
    void unknownOverridesAreRefusedWithTheKnownOnes() {
        for (String key : List.of("rope-theta", "ROPE_THETA", "hidden_size", "")) {
            refused(() -> open(Map.of(key, "1")), ModelFolder.overridable(), "found [" + key + "]");
            refused(() -> ByBert.check(GOLDEN, Map.of(key, "1")), ModelFolder.overridable(), "found [" + key + "]");
        }
        assertEquals(
                List.of(
                        "rope_theta",
                        "rms_norm_eps",
                        "max_position_embeddings",
                        "tie_word_embeddings",
                        "byte_encoding",
                        "add_bos_token",
                        "add_eos_token",
                        "byte_offset",
                        "added_tokens_decoder",
                        "mask_token",
                        "bos_token",
                        "eos_token",
                        "weights"),
                ModelFolder.overridable());
    }

    @Test
    void overridesReachConfigAndTokenizer() {
        ByBert encoder = open(Map.of(
                "rope_theta",
                "20000",
                "rms_norm_eps",
                "1e-5",
                "max_position_embeddings",
                "99",
                "byte_encoding",
                "utf-8",
                "add_bos_token",
                "true",
                "add_eos_token",
                "true"));
        assertEquals(20000, encoder.config().ropeTheta());
        assertEquals(1e-5f, encoder.config().rmsNormEpsilon());
        assertEquals(99, encoder.config().maxPositionEmbeddings());
        assertArrayEquals(new int[] {2, 7, 1}, encoder.tokenizer().encode("\1"));
    }

    @Test
    void overriddenRopeThetaChangesTheResult() {
        List<int[]> rows = List.of(open(Map.of()).tokenizer().encode("柿の木"));
        float[] given = open(Map.of()).newSession().embed(rows, Pooling.MEAN)[0];
        float[] same = open(Map.of("rope_theta", "10000")).newSession().embed(rows, Pooling.MEAN)[0];
        float[] other = open(Map.of("rope_theta", "100")).newSession().embed(rows, Pooling.MEAN)[0];
        assertArrayEquals(given, same);
        assertFalse(Arrays.equals(given, other));
    }

    @Test
    void checkDescribesWhatOpenWouldOpen() {
        ByBert.Description described = ByBert.check(GOLDEN, Map.of("add_eos_token", "true"));
        ByBert opened = open(Map.of("add_eos_token", "true"));
        assertEquals(opened.config(), described.config());
        assertArrayEquals(opened.tokenizer().encode("柿"), described.tokenizer().encode("柿"));
    }

    @Test
    void everyMissingFileIsNamed() throws IOException {
        for (String missing : List.of("config.json", "tokenizer_config.json", "model.safetensors")) {
            Path partial = Files.createDirectory(folder.resolve("without-" + missing));
            for (String name : List.of("config.json", "tokenizer_config.json", "model.safetensors")) {
                if (!name.equals(missing)) {
                    Files.copy(GOLDEN.resolve(name), partial.resolve(name));
                }
            }
            refused(() -> ByBert.open(partial), partial, missing);
        }
    }

    @Test
    void theKernelsInUseAreNamed() {
        assertEquals("scalar", open(Map.of()).kernels());
    }
}
