package org.bybert.encoder.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bybert.encoder.Golden;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every encoding, and UTF-8's answers to bytes that are not UTF-8. */
class ByteEncodingTest {

    private static final ByteEncoding UTF_8 = ByteEncoding.UTF_8;
    private static final List<String> TEXTS = List.of(
            "",
            "A",
            "\0",
            "a\0b",
            "かな",
            "漢字とカナ、半角ｶﾅ",
            "e\u0301",
            "か\u3099",
            "葛\uDB40\uDD00飾",
            "👩\u200D👩\u200D👧\u200D👦の家",
            "🇯🇵",
            "\uFEFF先頭",
            "𠮷野家で𩸽を食う",
            "改行\r\n\tタブ",
            "\uFFFD",
            "\uFFFF\u0080\u07FF\u0800",
            "\uDBFF\uDFFF");
    private static final List<String> BROKEN = List.of(
            "\uD800",
            "\uDC00",
            "あ\uD83D",
            "\uDE00い",
            "\uDE00\uD83D",
            "\uD83D\uD83D\uDE00",
            "x\uD800y\uDFFFz",
            "\uD800\uD800\uD800");

    static Stream<ByteEncoding> encodings() {
        return ByteEncoding.names().stream().map(name -> ByteEncoding.named(name, "test"));
    }

    private static byte[] encode(ByteEncoding encoding, String text) {
        int[] ids = new int[encoding.byteLength(text)];
        assertEquals(ids.length, encoding.table().encode(text, 0, text.length(), 0, ids, 0));
        byte[] bytes = new byte[ids.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ids[i];
        }
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void goldenTextsHaveTheirBytes(ByteEncoding encoding) throws IOException {
        JsonNode cases =
                new ObjectMapper().readTree(Golden.folder("byte-encodings.json").toFile());
        assertTrue(cases.size() > 10);
        for (JsonNode example : cases) {
            String text = example.get("text").asText();
            byte[] expected = new byte[example.get(encoding.name()).size()];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = (byte) example.get(encoding.name()).get(i).asInt();
            }
            assertArrayEquals(expected, encode(encoding, text), text);
            assertEquals(text, encoding.decode(expected, 0, expected.length));
        }
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void everyUnicodeScalarValueComesBack(ByteEncoding encoding) {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            String text = Character.toString(c);
            byte[] bytes = encode(encoding, text);
            if (bytes.length != encoding.byteLength(c) || !text.equals(encoding.decode(bytes, 0, bytes.length))) {
                assertEquals(encoding.byteLength(c), bytes.length, "length of U+" + Integer.toHexString(c));
                assertEquals(text, encoding.decode(bytes, 0, bytes.length), "U+" + Integer.toHexString(c));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void textsComeBackWhole(ByteEncoding encoding) {
        for (String text : TEXTS) {
            byte[] bytes = encode(encoding, text);
            assertEquals(text, encoding.decode(bytes, 0, bytes.length));
        }
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void theBytesOfAConcatenationAreTheConcatenationOfTheBytes(ByteEncoding encoding) {
        for (String first : TEXTS) {
            for (String second : TEXTS) {
                byte[] head = encode(encoding, first);
                byte[] both = Arrays.copyOf(head, head.length + encode(encoding, second).length);
                System.arraycopy(encode(encoding, second), 0, both, head.length, both.length - head.length);
                assertArrayEquals(both, encode(encoding, first + second), first + second);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void unpairedSurrogatesAreEncodedAsTheReplacementCharacter(ByteEncoding encoding) {
        for (String text : BROKEN) {
            StringBuilder repaired = new StringBuilder(text);
            for (int at = ByteEncoding.firstUnpaired(text);
                    at >= 0;
                    at = ByteEncoding.firstUnpaired(repaired.toString())) {
                repaired.setCharAt(at, '\uFFFD');
            }
            assertArrayEquals(encode(encoding, repaired.toString()), encode(encoding, text), repaired.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void byteLengthIsTheLengthOfTheBytes(ByteEncoding encoding) {
        for (String text : allTexts()) {
            assertEquals(encode(encoding, text).length, encoding.byteLength(text), text);
        }
    }

    /** Lone, overlong, too few, too many, beyond Unicode, surrogates: the characters around them survive. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "8080",
                "80bf80bf",
                "c0",
                "c080",
                "c1bf",
                "c3",
                "e3",
                "e381",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "eda0bdedb880",
                "efbf",
                "f0",
                "f09f",
                "f09f98",
                "f0808080",
                "f08fbfbf",
                "f4908080",
                "f5808080",
                "f8888080",
                "fc8480808080",
                "fe",
                "ff",
                "feff",
                "fffffe",
                "c3c3",
                "e3e3",
                "f0f0",
                "e381c3",
                "f09f98e381",
                "c328",
                "e38128",
                "f09f9828"
            })
    void invalidUtf8LeavesTheTextAroundItAlone(String hex) {
        byte[] damage = HexFormat.of().parseHex(hex);
        byte[] before = encode(UTF_8, "朝a");
        byte[] after = encode(UTF_8, "夜");
        byte[] all = Arrays.copyOf(before, before.length + damage.length + after.length);
        System.arraycopy(damage, 0, all, before.length, damage.length);
        System.arraycopy(after, 0, all, before.length + damage.length, after.length);
        assertTrue(UTF_8.decode(all, 0, all.length).matches("朝a\uFFFD+\\(?夜"), UTF_8.decode(all, 0, all.length));
        assertTrue(UTF_8.decode(all, 0, before.length + damage.length).matches("朝a\uFFFD+\\(?"), "at the end");
    }

    @ParameterizedTest
    @MethodSource("encodings")
    void anyBytesDecodeToTextThatCanBeEncoded(ByteEncoding encoding) {
        Random random = new Random(5);
        byte[] bytes = new byte[64];
        for (int i = 0; i < 20_000; i++) {
            random.nextBytes(bytes);
            int from = random.nextInt(bytes.length);
            int to = from + random.nextInt(bytes.length - from);
            String text = encoding.decode(bytes, from, to);
            assertEquals(-1, ByteEncoding.firstUnpaired(text));
            byte[] again = encode(encoding, text);
            assertEquals(text, encoding.decode(again, 0, again.length));
        }
    }

    private static List<String> allTexts() {
        return Stream.concat(TEXTS.stream(), BROKEN.stream()).toList();
    }
}
