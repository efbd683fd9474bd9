package org.bybert.encoder.checkpoint;

import static org.bybert.encoder.Refused.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bybert.encoder.checkpoint.Safetensors.TensorInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

    private static final byte[] SIXTEEN_BYTES = new byte[16];

    @TempDir
    Path folder;

    Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("model.safetensors");
    }

    @Test
    void aSoundHeaderGivesEachTensorItsPlace() {
        new SafetensorsWriter()
                .put("a", Dtype.F32, new float[6], 2, 3)
                .put("b", Dtype.BF16, new float[5], 5)
                .put("empty", Dtype.F32, new float[0], 0, 4)
                .put("scalar", Dtype.I64, new float[1])
                .write(file);
        Map<String, TensorInfo> tensors = Safetensors.readHeader(file);
        long start = tensors.get("a").begin();
        assertEquals(List.of("a", "b", "empty", "scalar"), List.copyOf(tensors.keySet()));
        assertEquals(new TensorInfo("a", Dtype.F32, List.of(2L, 3L), file, start, 24), tensors.get("a"));
        assertEquals(new TensorInfo("b", Dtype.BF16, List.of(5L), file, start + 24, 10), tensors.get("b"));
        assertEquals(new TensorInfo("empty", Dtype.F32, List.of(0L, 4L), file, start + 34, 0), tensors.get("empty"));
        assertEquals(new TensorInfo("scalar", Dtype.I64, List.of(), file, start + 34, 8), tensors.get("scalar"));
    }

    @Test
    void metadataPaddingAndTensorsOutOfOrderAreSound() {
        header(
                "{\"__metadata__\":{\"format\":\"pt\"}," + entry("b", "F32", "[2]", "[8,16]") + ","
                        + entry("a", "F32", "[2]", "[0,8]") + "}     ",
                SIXTEEN_BYTES);
        assertEquals(2, Safetensors.readHeader(file).size());
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        refused(() -> Safetensors.readHeader(file), file, "file not found");
        refused(() -> Safetensors.readHeader(folder), folder, "file not found");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void lessThanAHeaderLengthIsRefused(int bytes) throws IOException {
        Files.write(file, new byte[bytes]);
        refused(() -> Safetensors.readHeader(file), file, "truncated", "at least 8 bytes", bytes + " bytes");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "-1, 18446744073709551615",
        "100000001, 100000001",
        "9223372036854775807, 9223372036854775807"
    })
    void anImpossibleHeaderLengthIsRefused(long length, String found) {
        SafetensorsWriter.write(file, length, "{}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "header length of 2 to 100000000", "found " + found);
    }

    @ParameterizedTest
    @ValueSource(longs = {19, 100_000_000})
    void aHeaderBeyondTheFileIsRefused(long length) {
        SafetensorsWriter.write(file, length, "{}", SIXTEEN_BYTES);
        refused(
                () -> Safetensors.readHeader(file),
                file,
                "truncated",
                "header of " + length + " bytes",
                "found 18 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "  ",
                "{ ",
                "{}{}",
                "{} x",
                "garbage",
                "[]",
                "null",
                "\"text\"",
                "17",
                "{\"a\":}",
                "\0\0\0\0",
                "{\"a\":{\"dtype\":\"F32\"",
                "{'a':1}",
                "<html></html>"
            })
    void aHeaderThatIsNotOneJsonObjectIsRefused(String json) {
        header(json, SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "(header)", "JSON");
    }

    @Test
    void aHeaderThatIsNotUtf8IsRefused() throws IOException {
        header("{\"a\":\"????\"}", new byte[0]);
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, 14, 18, (byte) 0xC3);
        Files.write(file, bytes);
        refused(() -> Safetensors.readHeader(file), file, "(header)", "JSON");
    }

    @Test
    void deepNestingIsRefused() {
        header("{\"a\":".repeat(100_000), SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "(header)", "JSON");
    }

    @Test
    void duplicateTensorsAreRefused() {
        header(
                "{" + entry("twice", "F32", "[2]", "[0,8]") + "," + entry("twice", "F32", "[2]", "[8,16]") + "}",
                SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "Duplicate", "twice");
    }

    @Test
    void duplicateKeysOfOneTensorAreRefused() {
        header("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,16]}}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "Duplicate", "dtype");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":[]}", "{\"a\":{\"shape\":[4]}}"})
    void aTensorWithoutDtypeIsRefused(String json) {
        header(json, SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "unknown dtype");
    }

    @ParameterizedTest
    @ValueSource(strings = {"F23", "f32", "", "FLOAT", "F8_E5M2FNUZ"})
    void anUnknownDtypeIsRefused(String dtype) {
        header("{" + entry("a", dtype, "[4]", "[0,16]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "unknown dtype", '"' + dtype + '"');
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[-4,12]",
                "[0.0,16.0]",
                "[0,1.6e1]",
                "[0,\"16\"]",
                "[0,18446744073709551616]",
                "\"0-16\"",
                "{\"begin\":0,\"end\":16}",
                "null",
                "16",
                "[true,16]",
                "[null,16]"
            })
    void offsetsThatAreNotWholeNumbersAreRefused(String offsets) {
        header("{" + entry("a", "F32", "[4]", offsets) + "}", SIXTEEN_BYTES);
        refused(
                () -> Safetensors.readHeader(file),
                file,
                "tensor a",
                "data_offsets",
                "whole numbers",
                "found " + offsets.replace("1.6e1", "16.0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "[16]", "[0, 8, 16]", "[16, 0]", "[9, 8]"})
    void offsetsThatAreNotARangeAreRefused(String offsets) {
        header("{" + entry("a", "F32", "[4]", offsets) + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "data_offsets [begin, end]", "found " + offsets);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[-4]", "[4.0]", "4", "null", "[\"4\"]", "[18446744073709551616]", "[[4]]"})
    void aShapeThatIsNotWholeNumbersIsRefused(String shape) {
        header("{" + entry("a", "F32", shape, "[0,16]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "shape", "whole numbers", "found " + shape);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "F32 | [3] | 12",
                "F32 | [5] | 20",
                "F32 | [2, 3] | 24",
                "F16 | [4] | 8",
                "F64 | [4] | 32",
                "BOOL | [4, 0] | 0",
                "F32 | [] | 4"
            })
    void aSizeThatDoesNotMatchDtypeAndShapeIsRefused(String dtype, String shape, int expected) {
        header("{" + entry("a", dtype, shape, "[0,16]") + "}", SIXTEEN_BYTES);
        refused(
                () -> Safetensors.readHeader(file),
                file,
                "tensor a",
                "expected " + expected + " bytes",
                dtype + " " + shape,
                "found 16");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[9223372036854775807]",
                "[4294967296, 4294967296]",
                "[3037000500, 3037000500, 4]",
                "[4611686018427387904, 1]",
                "[65536, 65536, 65536, 65536]"
            })
    void aShapeThatOverflowsIsRefused(String shape) {
        header("{" + entry("a", "F32", shape, "[0,16]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "shape " + shape, "too large");
    }

    @Test
    void dataBeyondTheFileIsRefused() {
        header("{" + entry("a", "F32", "[5]", "[0,20]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "truncated", "byte 20", "found 16 bytes");
        header("{" + entry("a", "F32", "[4]", "[9223372036854775791,9223372036854775807]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "truncated", "9223372036854775807");
    }

    @Test
    void overlappingTensorsAreRefused() {
        header(
                "{" + entry("a", "F32", "[3]", "[0,12]") + "," + entry("b", "F32", "[2]", "[8,16]") + "}",
                SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor b", "overlaps a");
    }

    @Test
    void tensorsThatShareTheirDataAreRefused() {
        header(
                "{" + entry("a", "F32", "[4]", "[0,16]") + "," + entry("b", "F32", "[4]", "[0,16]") + "}",
                SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "overlaps");
    }

    @Test
    void aGapBetweenTensorsIsRefused() {
        header("{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[2]", "[8,16]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor b", "gap after a");
    }

    @Test
    void aGapAfterTheHeaderIsRefused() {
        header("{" + entry("a", "F32", "[3]", "[4,16]") + "}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "tensor a", "gap after the header");
    }

    @Test
    void bytesAfterTheLastTensorAreRefused() throws IOException {
        header("{" + entry("a", "F32", "[3]", "[0,12]") + "}", SIXTEEN_BYTES);
        long size = Files.size(file);
        refused(() -> Safetensors.readHeader(file), file, "at byte " + (size - 4) + " with a", "file of " + size);
        header("{}", SIXTEEN_BYTES);
        refused(() -> Safetensors.readHeader(file), file, "the header");
    }

    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        new SafetensorsWriter()
                .put("a", Dtype.F32, new float[6], 2, 3)
                .put("b", Dtype.F16, new float[5], 5)
                .write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            refused(() -> Safetensors.readHeader(file), file);
        }
    }

    private void header(String json, byte[] data) {
        SafetensorsWriter.write(file, json, data);
    }

    private static String entry(String name, String dtype, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets
                + "}";
    }
}
