package org.bybert.encoder.checkpoint;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bybert.encoder.ByBert;
import org.bybert.encoder.Warnings;
import org.bybert.encoder.checkpoint.WeightSource.Tensor;
import org.bybert.encoder.model.RandomCheckpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {

    private static final int HIDDEN = 12;
    private static final int INTERMEDIATE = 20;

    @TempDir
    Path folder;

    Path single;
    Path index;

    @BeforeEach
    void name() {
        single = folder.resolve("model.safetensors");
        index = folder.resolve("model.safetensors.index.json");
    }

    private static RandomCheckpoint model() {
        return RandomCheckpoint.of(HIDDEN, INTERMEDIATE, 2, 1);
    }

    @Test
    void oneFileAndShardsHoldTheSame() {
        model().write(folder.resolve("one"));
        model().shards(3).write(folder.resolve("three"));
        Tensor one = Checkpoint.open(folder.resolve("one")).map("lm_head.weight", 288, HIDDEN);
        Tensor three = Checkpoint.open(folder.resolve("three")).map("lm_head.weight", 288, HIDDEN);
        assertArrayEquals(one.toArray(), three.toArray());
        assertDoesNotThrow(() -> ByBert.open(folder.resolve("three")));
    }

    @Test
    void dtypesAreReported() {
        model().dtype(Dtype.F16)
                .write(folder, tensors -> tensors.put("model.norm.weight", Dtype.F32, new float[HIDDEN], HIDDEN));
        assertEquals(Set.of(Dtype.F16, Dtype.F32), Checkpoint.open(folder).dtypes());
    }

    /** What people have put where weights and JSON should be, by how it begins. */
    @Test
    void whatIsNoModelIsNamedForWhatItIs() throws IOException {
        String[][] kinds = {
            {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "a Git LFS pointer", "git lfs pull"
            },
            {"<!DOCTYPE html><html>", "a web page", "fetch the file itself"},
            {" \n<html lang=en>", "a web page", "fetch the file itself"},
            {"", "an empty file", "fetch it again"},
            {"\u001f\u008b\b", "gzip data", "unpack it"},
            {"PK\u0003\u0004", "a zip archive, as PyTorch's files", "convert it to safetensors"},
            {"\u0080\u0002\u008a", "pickled Python data", "convert it to safetensors"},
            {"\u0089HDF\r", "HDF5 data", "convert it to safetensors"}
        };
        for (String[] kind : kinds) {
            byte[] bytes = kind[0].getBytes(StandardCharsets.ISO_8859_1);
            for (byte[] file : List.of(bytes, Arrays.copyOf(bytes, bytes.length == 0 ? 0 : 100_000))) {
                Files.write(single, file);
                refused(() -> Checkpoint.open(folder), single, kind[1], kind[2]);
                Path json = Files.write(folder.resolve("tokenizer_config.json"), file);
                refused(() -> Json.readObject(json), json, kind[1], kind[2]);
            }
        }
    }

    @Test
    void jsonInTheEncodingsOfWindowsIsRead() throws IOException {
        model().write(folder);
        String config = Files.readString(folder.resolve("config.json"));
        for (String text : List.of("\uFEFF" + config, config)) {
            for (Charset charset :
                    List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
                Files.write(folder.resolve("config.json"), text.getBytes(charset));
                assertDoesNotThrow(() -> ByBert.check(folder, Map.of()), charset.name());
            }
        }
        Files.writeString(single, config);
        refused(() -> Checkpoint.open(folder), single, "expected safetensors data, found JSON text");
        Files.delete(single);
        Files.write(folder.resolve("model.safetensors.gz"), new byte[1]);
        refused(() -> Checkpoint.open(folder), "expected model.safetensors", "found model.safetensors.gz");
    }

    @Test
    void tensorsThatNothingAsksForAreNamedInAWarning() {
        model().write(folder, tensors -> tensors.put("model.pooler.weight", Dtype.I64, new float[1], 1));
        List<String> warnings = Warnings.of(() -> ByBert.open(folder));
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.get(0).contains("[model.pooler.weight]"), warnings.get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.embed_tokens.weight",
                "model.layers.1.self_attn.v_proj.weight",
                "model.layers.0.post_attention_layernorm.weight",
                "model.layers.1.mlp.down_proj.weight",
                "model.norm.weight",
                "lm_head.weight"
            })
    void aMissingTensorIsNamed(String tensor) {
        model().write(folder, tensors -> tensors.remove(tensor));
        refusedByBoth(folder, tensor, "missing", "expected shape [");
    }

    @Test
    void aBiasThatConfigDemandsIsNamedWhereMissing() {
        model().config(json -> json.put("attention_bias", true)).write(folder);
        refusedByBoth(folder, "model.layers.0.self_attn.q_proj.bias", "missing", "[12]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model.layers.0.self_attn.k_proj.weight | [6, 12] | 12,6",
                "model.layers.0.mlp.up_proj.weight | [20, 12] | 21,12",
                "model.layers.1.input_layernorm.weight | [12] | 1,12",
                "model.layers.1.self_attn.q_proj.weight | [12, 12] | 144",
                "model.norm.weight | [12] | 13",
                "model.layers.0.self_attn.q_proj.bias | [12] | 6",
                "lm_head.weight | [288, 12] | 384,12",
                "model.embed_tokens.weight | [288, 12] | 287,12"
            })
    void aWrongShapeIsNamed(String tensor, String expected, String shape) {
        long[] extents =
                Arrays.stream(shape.split(",")).mapToLong(Long::parseLong).toArray();
        int count = (int) Arrays.stream(extents).reduce(1, (a, b) -> a * b);
        model().write(folder, tensors -> tensors.put(tensor, Dtype.F32, new float[count], extents));
        refusedByBoth(single, tensor, "expected shape " + expected, "found [" + shape.replace(",", ", ") + "]");
    }

    @Test
    void configOfALargerModelIsNamed() {
        model().config(json -> json.put("num_hidden_layers", 3)).write(folder);
        refusedByBoth(folder, "model.layers.2.input_layernorm.weight", "missing");
    }

    @Test
    void integerWeightsAreRefused() {
        model().write(
                        folder,
                        tensors -> tensors.put(
                                "model.layers.0.mlp.gate_proj.weight",
                                Dtype.I64,
                                new float[INTERMEDIATE * HIDDEN],
                                INTERMEDIATE,
                                HIDDEN));
        refusedByBoth(single, "model.layers.0.mlp.gate_proj.weight", "expected dtype F32, F16 or BF16", "found I64");
    }

    @ParameterizedTest
    @CsvSource({"F32, NaN", "F32, Infinity", "BF16, NaN", "BF16, -Infinity", "F16, NaN", "F16, Infinity"})
    void weightsThatAreNotFiniteAreRefusedWithTheirRow(Dtype dtype, float value) {
        float[] values = new float[INTERMEDIATE * HIDDEN];
        values[7 * HIDDEN + 5] = value;
        model().dtype(dtype)
                .write(
                        folder,
                        tensors -> tensors.put(
                                "model.layers.1.mlp.gate_proj.weight", dtype, values, INTERMEDIATE, HIDDEN));
        refused(() -> ByBert.open(folder), single, "model.layers.1.mlp.gate_proj.weight", "row 7", "not finite");
    }

    @ParameterizedTest
    @CsvSource({"model.norm.weight, 12", "model.layers.0.self_attn.v_proj.bias, 6"})
    void vectorsThatAreNotFiniteAreRefused(String tensor, int length) {
        float[] values = new float[length];
        values[length - 1] = Float.NaN;
        model().write(folder, tensors -> tensors.put(tensor, Dtype.F32, values, length));
        refusedByBoth(single, tensor, "not finite");
    }

    @Test
    void embeddingsThatAreNotFiniteAreRefused() {
        float[] values = new float[288 * HIDDEN];
        values[0] = Float.NEGATIVE_INFINITY;
        model().write(folder, tensors -> tensors.put("model.embed_tokens.weight", Dtype.F32, values, 288, HIDDEN));
        refused(() -> ByBert.open(folder), single, "model.embed_tokens.weight", "row 0", "not finite");
    }

    @Test
    void aFileCutAfterItsHeaderWasReadIsRefusedNotTouched() throws IOException {
        model().write(folder);
        Checkpoint checkpoint = Checkpoint.open(folder);
        try (RandomAccessFile file = new RandomAccessFile(single.toFile(), "rw")) {
            file.setLength(file.length() - 1);
        }
        refused(() -> checkpoint.map("lm_head.weight", 288, HIDDEN).toArray(), single, "lm_head.weight", "was cut");
    }

    @Test
    void aFileThatVanishedAfterItsHeaderWasReadIsRefused() throws IOException {
        model().write(folder);
        Checkpoint checkpoint = Checkpoint.open(folder);
        Files.delete(single);
        refused(
                () -> checkpoint.map("lm_head.weight", 288, HIDDEN).toArray(),
                single,
                "lm_head.weight",
                "cannot be read");
    }

    @Test
    void aFolderWithoutWeightsIsRefused() throws IOException {
        model().write(folder);
        Files.delete(single);
        refusedByBoth(folder, "no weights", "model.safetensors", "model.safetensors.index.json");
    }

    @Test
    void pickledWeightsAloneAreRefusedWithAdvice() throws IOException {
        model().write(folder);
        Files.move(single, folder.resolve("pytorch_model.bin"));
        refusedByBoth(folder, "no weights", "found pytorch_model.bin", "convert it to safetensors");
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        model().shards(3).write(folder);
        Path shard = folder.resolve("model-00002-of-00003.safetensors");
        Files.delete(shard);
        refusedByBoth(shard, "file not found");
    }

    @Test
    void aTruncatedShardIsNamed() throws IOException {
        model().shards(2).write(folder);
        Path shard = folder.resolve("model-00002-of-00002.safetensors");
        Files.write(shard, Arrays.copyOf(Files.readAllBytes(shard), 5000));
        refusedByBoth(shard, "truncated");
    }

    @Test
    void aTensorAbsentFromItsShardIsNamed() throws IOException {
        model().shards(2).write(folder);
        Files.writeString(
                index,
                Files.readString(index)
                        .replace("\"lm_head.weight\":\"model-00001", "\"lm_head.weight\":\"model-00002"));
        refusedByBoth(
                folder.resolve("model-00002-of-00002.safetensors"),
                "tensor lm_head.weight",
                "not found in this shard",
                "model.safetensors.index.json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model.safetensors",
                "/etc/hostname",
                "sub/model.safetensors",
                "..",
                "",
                "a/../b",
                "/",
                "./model-00001-of-00001.safetensors"
            })
    void anIndexThatPointsOutOfTheFolderIsRefused(String shard) throws IOException {
        model().write(folder);
        Files.delete(single);
        Files.writeString(index, "{\"weight_map\":{\"lm_head.weight\":\"" + shard + "\"}}");
        refusedByBoth(index, "lm_head.weight", "file in the same folder", '"' + shard + '"');
    }

    @Test
    void anIndexWithANameThatNoFileCanHaveIsRefused() throws IOException {
        model().write(folder);
        Files.delete(single);
        Files.writeString(index, "{\"weight_map\":{\"lm_head.weight\":\"model\\u0000.safetensors\"}}");
        refusedByBoth(index, "lm_head.weight");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"weight_map\":{}}", "{\"weight_map\":[]}", "{\"weight_map\":null}", "[]", "", "{"})
    void anIndexWithoutAWeightMapIsRefused(String json) throws IOException {
        model().write(folder);
        Files.delete(single);
        Files.writeString(index, json);
        refusedByBoth(index);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "7", "{}", "[\"model.safetensors\"]", "true"})
    void anIndexWithAnythingButNamesIsRefused(String value) throws IOException {
        model().write(folder);
        Files.delete(single);
        Files.writeString(index, "{\"weight_map\":{\"lm_head.weight\":" + value + "}}");
        refusedByBoth(folder);
    }

    /** The driver's check and opening the model say the same. */
    private void refusedByBoth(Object... parts) {
        String opened = refused(() -> ByBert.open(folder), parts).getMessage();
        assertEquals(
                opened, refused(() -> ByBert.check(folder, Map.of()), parts).getMessage());
    }
}
